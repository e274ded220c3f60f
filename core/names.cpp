#include "core/names.hpp"

#include <algorithm>
#include <cctype>

namespace xloop {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

/// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment) that turn `a` into `b`.
std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> before_last, last(b.size() + 1), now(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, substituted});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped)
                now[j] = std::min(now[j], before_last[j - 2] + 1);
        }
        before_last = last;
        last = now;
    }
    return last[b.size()];
}

}  // namespace

std::string near_miss(const std::string& word, const std::vector<std::string>& candidates) {
    constexpr std::size_t longest = 100;  // nobody mistypes more, and the distance takes quadratic time
    if (word.size() > longest)
        return {};
    std::string nearest;
    std::size_t least = longest;
    for (const std::string& candidate : candidates) {
        if (candidate.size() > longest)
            continue;
        const std::size_t length = std::max(word.size(), candidate.size());
        const std::size_t allowed = std::max<std::size_t>(1, length / 3);
        const std::size_t distance = edit_distance(lower(word), lower(candidate));
        // A distance as long as the word means that nothing of it is left.
        if (distance <= allowed && distance < length && distance < least) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
    const std::string nearest = near_miss(word, candidates);
    return nearest.empty() ? "" : "; did you mean `" + nearest + "`?";
}

}  // namespace xloop
