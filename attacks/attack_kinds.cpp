#include "attacks/attack_kinds.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace xloop {
namespace {

// In the order of AttackKind.
constexpr std::array rows{
    AttackTraits{"FGSM", "one step of epsilon", "Goodfellow et al., arXiv 1412.6572", true, true, true, true, true, 0,
                 nullptr},
    AttackTraits{"R-FGSM", "half of epsilon in a random direction, then a step of the other half",
                 "Tramer et al., arXiv 1705.07204", true, true, true, true, true, 0, nullptr},
    AttackTraits{"PGD", "steps along the gradient, back into the ball after each; the last point counts",
                 "Madry et al., arXiv 1706.06083", true, true, true, true, true, 0, "steps"},
    AttackTraits{"MI-FGSM", "steps along a momentum of gradients", "Dong et al., arXiv 1710.06081", true, true, true,
                 true, true, 10, "steps"},
    AttackTraits{"APGD-CE", "PGD that sets its step size by itself, cross entropy", "Croce and Hein, arXiv 2003.01690",
                 true, true, true, true, false, 100, "steps"},
    AttackTraits{"APGD-DLR", "the same, difference of logits ratio", "Croce and Hein, arXiv 2003.01690", true, true,
                 true, true, false, 100, "steps"},
    AttackTraits{"APGD-T", "the same, towards the most likely wrong classes, one after the other",
                 "Croce and Hein, arXiv 2003.01690", true, true, true, true, false, 100, "steps"},
    AttackTraits{"FAB", "the smallest change, by projection onto linearised boundaries",
                 "Croce and Hein, arXiv 1907.02044", true, true, true, false, false, 100, "steps"},
    AttackTraits{"FAB-T", "the same, towards the most likely wrong classes, one after the other",
                 "Croce and Hein, arXiv 1907.02044", true, true, true, false, false, 100, "steps"},
    AttackTraits{"Square", "random squares, kept where they help; no gradients",
                 "Andriushchenko et al., arXiv 1912.00049", true, true, false, true, false, 5000, "queries"},
    AttackTraits{"CW", "the smallest change in L2, by Adam with a search for its constant",
                 "Carlini and Wagner, arXiv 1608.04644", false, true, true, false, true, 1000, "steps"},
    AttackTraits{"DeepFool", "steps onto the nearest linearised boundary", "Moosavi-Dezfooli et al., arXiv 1511.04599",
                 true, true, true, false, false, 50, "steps"},
    AttackTraits{"One-pixel", "differential evolution of single pixels; no gradients, no bound",
                 "Su et al., arXiv 1710.08864", true, true, false, false, false, 100, "generations"},
    AttackTraits{"Ensemble", "APGD-CE, APGD-T, FAB-T, Square, each on what the ones before left (AutoAttack)",
                 "Croce and Hein, arXiv 2003.01690", true, true, true, true, false, 0, nullptr}};
static_assert(rows.size() == names_of(AttackKind{}).size());

/// Small letters and digits alone, so that "APGD-CE", "apgd_ce" and "apgdce" are the same.
std::string plain(const std::string& text) {
    std::string letters;
    for (char c : text)
        if (std::isalnum(static_cast<unsigned char>(c)))
            letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return letters;
}

struct OtherName {
    const char* name;
    AttackKind kind;
};
constexpr std::array other_names{OtherName{"autoattack", AttackKind::ensemble},
                                 OtherName{"aa", AttackKind::ensemble},
                                 OtherName{"apgd", AttackKind::apgd_ce},
                                 OtherName{"carliniwagner", AttackKind::cw},
                                 OtherName{"cwl2", AttackKind::cw},
                                 OtherName{"rfgsm", AttackKind::r_fgsm},
                                 OtherName{"mifgsm", AttackKind::mi_fgsm}};

std::optional<AttackKind> kind_named(const std::string& text) {
    const std::string wanted = plain(text);
    for (std::size_t k = 0; k < rows.size(); ++k)
        if (plain(name_of(static_cast<AttackKind>(k))) == wanted)
            return static_cast<AttackKind>(k);
    for (const OtherName& other : other_names)
        if (other.name == wanted)
            return other.kind;
    return std::nullopt;
}

/// The number at the end of `text` behind `mark`, which is cut off with it; none where there is no number.
std::optional<int> cut_number(std::string& text, char mark) {
    const std::size_t at = text.rfind(mark);
    if (at == std::string::npos || at + 1 == text.size())
        return std::nullopt;
    int number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + at + 1, end, number);
    if (error != std::errc() || stop != end)
        return std::nullopt;
    text.resize(at);
    return number;
}

}  // namespace

const AttackTraits& traits_of(AttackKind kind) { return rows[static_cast<std::size_t>(kind)]; }

NamedAttack NamedAttack::parse(const std::string& text) {
    constexpr int most = 1000000;
    std::string left = text;
    NamedAttack attack;
    const auto wrong = [&](const std::string& why) {
        return InputError(fmt::format(
            "attack `{}`: {}; expected NAME, NAME-STEPS or NAME-STEPSxRESTARTS, as in pgd-20x5, with NAME one of {}",
            text, why, fmt::join(all_names<AttackKind>(), ", ")));
    };
    const std::optional<int> restarts = cut_number(left, 'x');
    const std::optional<int> steps = cut_number(left, '-');
    if (restarts && !steps)
        throw wrong("restarts stand behind steps");
    const std::optional<AttackKind> kind = kind_named(left);
    if (!kind)
        throw wrong("there is none of this name" + did_you_mean(left, all_names<AttackKind>()));
    if ((steps && (*steps < 1 || *steps > most)) || (restarts && (*restarts < 1 || *restarts > most)))
        throw wrong(fmt::format("numbers from 1 to {}", most));
    if (steps && !traits_of(*kind).steps_title)
        throw wrong(fmt::format("{} has no number of steps", name_of(*kind)));
    attack.kind = *kind;
    attack.steps = steps.value_or(0);
    attack.restarts = restarts.value_or(0);
    return attack;
}

std::string NamedAttack::str() const {
    std::string text = name_of(kind);
    if (steps > 0)
        text += fmt::format("-{}", steps);
    if (restarts > 0)
        text += fmt::format("x{}", restarts);
    return text;
}

AttackConfig NamedAttack::with(AttackConfig section) const {
    const AttackTraits& traits = traits_of(kind);
    if (steps > 0)
        section.steps = steps;
    else if (traits.steps > 0)
        section.steps = traits.steps;
    if (restarts > 0)
        section.restarts = restarts;
    return section;
}

std::string attack_list() {
    std::string text;
    for (std::size_t k = 0; k < rows.size(); ++k) {
        const AttackTraits& t = rows[k];
        text += fmt::format("  {:<10} {}{} ({})\n", name_of(static_cast<AttackKind>(k)), t.purpose,
                            t.linf ? "" : "; L2 alone", t.paper);
    }
    return text;
}

}  // namespace xloop
