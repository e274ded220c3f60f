#include "nas/gates.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "core/random.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace xloop {
namespace {

using ByChoice = std::vector<std::vector<double>>;

std::vector<double> softmax(const std::vector<double>& logits) {
    const double most = *std::max_element(logits.begin(), logits.end());
    std::vector<double> p;
    double sum = 0.0;
    for (const double logit : logits)
        sum += p.emplace_back(std::exp(logit - most));
    for (double& value : p)
        value /= sum;
    return p;
}

/// Of each choice, in rising order.
std::vector<std::vector<int>> sorted_values(const NetworkSpec& space) {
    std::vector<std::vector<int>> all;
    for (OpenChoice& choice : space.open_choices()) {
        std::sort(choice.values.begin(), choice.values.end());
        all.push_back(std::move(choice.values));
    }
    return all;
}

/// Soft gates of all choices on one pass of the largest subnet.
class GateHooks : public LayerHooks {
public:
    GateHooks(const NetworkSpec& space, const std::vector<torch::Tensor>& gates)
        : space_(space), open_(space.open_choices()), values_(sorted_values(space)), gates_(gates) {}

    torch::Tensor weight(const LayerAt& at, const torch::Tensor& active) override {
        const LayerSpec& layer = spec(at);
        torch::Tensor soft = active;
        if (const int c = choice(at, OpenChoice::Of::kernel, layer.kernel_from); c >= 0)
            soft = soft * mixed(c, [&](int kernel) { return centre(active, kernel); });
        if (const int c = layer.groups_from.empty() ? -1 : named(layer.groups_from); c >= 0)
            soft = soft * mixed(c, [&](int groups) { return blocks(active, groups); });
        return soft;
    }
    torch::Tensor output(const LayerAt& at, const torch::Tensor&, const torch::Tensor& map) override {
        const torch::Tensor mask = channels(at, map);
        return mask.defined() ? map * mask.view({1, -1, 1, 1}) : map;
    }
    torch::Tensor summand(const LayerAt& at, const torch::Tensor& map) override {
        // The first map that an addition reads is its branch, which goes where the addition goes.
        const bool branch = at.index != addition_;
        addition_ = at.index;
        const Presence& present = spec(at).present;
        if (!branch || present.choice.empty())
            return map;
        return map * there(present);
    }

private:
    const LayerSpec& spec(const LayerAt& at) const { return space_.layers[static_cast<std::size_t>(at.index)]; }
    int named(const std::string& name) const {
        for (std::size_t c = 0; c < open_.size(); ++c)
            if (open_[c].of == OpenChoice::Of::name && open_[c].name == name)
                return static_cast<int>(c);
        return -1;
    }
    int choice(const LayerAt& at, OpenChoice::Of of, const std::string& name) const {
        if (!name.empty())
            return named(name);
        for (std::size_t c = 0; c < open_.size(); ++c)
            if (open_[c].of == of && open_[c].layer == at.index)
                return static_cast<int>(c);
        return -1;
    }
    /// The sum over a choice's values of gate times mask.
    template <class Mask>
    torch::Tensor mixed(int c, Mask mask) const {
        const auto& values = values_[static_cast<std::size_t>(c)];
        torch::Tensor sum;
        for (std::size_t v = 0; v < values.size(); ++v) {
            const torch::Tensor part =
                gates_[static_cast<std::size_t>(c)][static_cast<std::int64_t>(v)] * mask(values[v]);
            sum = sum.defined() ? sum + part : part;
        }
        return sum;
    }
    torch::Tensor there(const Presence& present) const {
        return mixed(named(present.choice),
                     [&](int value) { return torch::tensor(value >= present.least ? 1.0f : 0.0f); });
    }
    static torch::Tensor centre(const torch::Tensor& weight, int kernel) {
        torch::Tensor mask = torch::zeros({1, 1, weight.size(2), weight.size(3)});
        mask.narrow(2, (weight.size(2) - kernel) / 2, kernel)
            .narrow(3, (weight.size(3) - kernel) / 2, kernel)
            .fill_(1.0);
        return mask;
    }
    static torch::Tensor blocks(const torch::Tensor& weight, int groups) {
        torch::Tensor mask = torch::zeros({weight.size(0), weight.size(1), 1, 1});
        const std::int64_t out = weight.size(0) / groups, in = weight.size(1) / groups;
        for (int g = 0; g < groups; ++g)
            mask.narrow(0, g * out, out).narrow(1, g * in, in).fill_(1.0);
        return mask;
    }
    /// [channels]; undefined where the width is no choice.
    torch::Tensor channels(const LayerAt& at, const torch::Tensor& map) const {
        const LayerSpec& layer = spec(at);
        const auto first = [&](std::int64_t width) {
            torch::Tensor mask = torch::zeros({map.size(1)});
            mask.narrow(0, 0, std::min(width, map.size(1))).fill_(1.0);
            return mask;
        };
        if (const int own = choice(at, OpenChoice::Of::width, {}); own >= 0)
            return mixed(own, first);
        if (layer.out_channels_from.empty())
            return {};
        // All combinations of the factors that are choices.
        std::vector<std::pair<std::int64_t, torch::Tensor>> widths = {{1, torch::tensor(1.0f)}};
        for (const std::string& factor : layer.out_channels_from) {
            const int c = named(factor);
            std::vector<std::pair<std::int64_t, torch::Tensor>> next;
            for (const auto& [width, gate] : widths) {
                if (c < 0) {
                    next.emplace_back(width * std::stoi(factor), gate);
                    continue;
                }
                const auto& values = values_[static_cast<std::size_t>(c)];
                for (std::size_t v = 0; v < values.size(); ++v)
                    next.emplace_back(width * values[v],
                                      gate * gates_[static_cast<std::size_t>(c)][static_cast<std::int64_t>(v)]);
            }
            widths = std::move(next);
        }
        torch::Tensor mask = torch::zeros({map.size(1)});
        for (const auto& [width, gate] : widths)
            mask = mask + gate * first(width);
        return mask;
    }

    const NetworkSpec& space_;
    const std::vector<OpenChoice> open_;
    const std::vector<std::vector<int>> values_;
    const std::vector<torch::Tensor>& gates_;
    int addition_ = -1;
};

/// A branch that may be absent must end in an addition that goes with it.
void check_presence(const NetworkSpec& space) {
    for (const LayerSpec& layer : space.layers) {
        if (layer.present.choice.empty() || layer.kind == LayerKind::add)
            continue;
        const bool inside = std::any_of(space.layers.begin(), space.layers.end(), [&](const LayerSpec& reader) {
            const bool reads = std::find(reader.inputs.begin(), reader.inputs.end(), layer.name) != reader.inputs.end();
            return reads && reader.present.choice == layer.present.choice &&
                   reader.present.least == layer.present.least;
        });
        if (!inside)
            throw InputError(
                fmt::format("{}: search.phase1: gates needs layers that may be absent to be branches of "
                            "additions that are absent with them; `{}` is none; use sandwich, fair or uniform",
                            layer.location.str(), layer.name));
    }
}

torch::Tensor tensor_of(const std::vector<double>& values) { return torch::tensor(values, torch::kFloat64); }

std::vector<double> values_of(const torch::Tensor& tensor) {
    const torch::Tensor exact = tensor.detach().to(torch::kFloat64).contiguous();
    return {exact.data_ptr<double>(), exact.data_ptr<double>() + exact.numel()};
}

}  // namespace

torch::Tensor gated_logits(Supernet& supernet, const torch::Tensor& x, const std::vector<torch::Tensor>& gates) {
    GateHooks hooks(supernet->spec(), gates);
    return supernet->forward(x, supernet->spec().largest_path(), &hooks);
}

Gates::Gates(const NetworkSpec& space, const GatesConfig& config, ChoiceCosts costs, HeldOut held_out,
             std::uint64_t seed, std::uint64_t periods, std::string folder)
    : space_(space), config_(config), costs_(std::move(costs)), held_out_(std::move(held_out)), seed_(seed),
      periods_(periods), folder_(std::move(folder)), values_(sorted_values(space)) {
    check_presence(space);
    State start;
    for (const std::vector<int>& values : values_)
        start.logits.emplace_back(values.size(), 0.0);
    start.mean = start.variance = start.logits;
    states_.push_back(std::move(start));
    if (folder_.empty() || !std::filesystem::exists(file()))
        return;
    std::istringstream lines(read_file(file()));
    std::string whole;
    for (std::string line; std::getline(lines, line);) {
        const Json json = Json::parse(line, nullptr, false);
        if (!json.is_object())
            break;  // A run that was killed may have left half a line.
        states_.push_back(
            {json.at("logits").get<ByChoice>(), json.at("mean").get<ByChoice>(), json.at("variance").get<ByChoice>()});
        whole += line + "\n";
    }
    write_file_atomically(file(), whole);
}

std::uint64_t Gates::update_of(std::uint64_t period) const {
    const auto warm = static_cast<std::uint64_t>(config_.warmup * static_cast<double>(periods_));
    return period < warm ? 0 : (period - warm) / static_cast<std::uint64_t>(config_.every_periods) + 1;
}

SubnetPath Gates::path(std::uint64_t period, Supernet& supernet) {
    const std::uint64_t update = update_of(period);
    while (states_.size() <= update)
        learn(states_.size(), supernet);
    const KeyedRandom random(seed_, RandomUse::path_sampling);
    SubnetPath path;
    for (std::size_t c = 0; c < values_.size(); ++c) {
        const std::vector<double> p = softmax(states_[update].logits[c]);
        double left = random.uniform(period, c);
        std::size_t v = 0;
        while (v + 1 < p.size() && left >= p[v])
            left -= p[v++];
        path.push_back(values_[c][v]);
    }
    return path;
}

void Gates::learn(std::uint64_t update, Supernet& supernet) {
    State next = states_.back();
    const bool training = supernet->is_training();
    // Addresses that draws of candidates (nas/choice_costs.cpp) do not reach.
    constexpr std::uint64_t images_at = 1u << 20, gumbel_at = 1u << 21, start_at = 1u << 22, most_values = 64;
    const KeyedRandom random(seed_, RandomUse::subnet_search);
    const std::int64_t count = held_out_.images.size(0);
    const std::int64_t batch = std::min<std::int64_t>(config_.batch, count);
    std::vector<std::int64_t> chosen;
    for (std::int64_t i = 0; i < batch; ++i)
        chosen.push_back(static_cast<std::int64_t>(
            random.below(static_cast<std::uint64_t>(count), update, images_at + static_cast<std::uint64_t>(i))));
    const torch::Tensor index = torch::tensor(chosen);
    const torch::Tensor labels = held_out_.labels.index_select(0, index);
    torch::Tensor images = held_out_.images.index_select(0, index);
    const double way =
        static_cast<double>(update) / static_cast<double>(std::max<std::uint64_t>(1, update_of(periods_)));
    const double temperature = config_.temperature * std::pow(config_.temperature_end / config_.temperature, way);
    std::vector<torch::Tensor> logits, gates;
    torch::Tensor cost = torch::zeros({}, torch::kFloat64);
    for (std::size_t c = 0; c < next.logits.size(); ++c) {
        logits.push_back(tensor_of(next.logits[c]).requires_grad_());
        std::vector<double> gumbel;
        for (std::size_t v = 0; v < next.logits[c].size(); ++v)
            gumbel.push_back(
                -std::log(-std::log(std::max(1e-12, random.uniform(update, gumbel_at + most_values * c + v)))));
        gates.push_back(torch::softmax((logits.back() + tensor_of(gumbel)) / temperature, 0).to(torch::kFloat32));
        cost = cost + (torch::softmax(logits.back(), 0) * tensor_of(costs_.effects[c])).sum();
    }
    supernet->train();
    const auto loss_of = [&](const torch::Tensor& x, const std::vector<torch::Tensor>& through) {
        return torch::nn::functional::cross_entropy(gated_logits(supernet, x, through), labels);
    };
    if (held_out_.epsilon > 0.0) {
        std::vector<torch::Tensor> fixed;
        for (const torch::Tensor& gate : gates)
            fixed.push_back(gate.detach());
        auto generator = torch::make_generator<at::CPUGeneratorImpl>(random.bits(update, start_at));
        const torch::Tensor start = (images + torch::empty_like(images).uniform_(-1, 1, generator) * held_out_.epsilon)
                                        .clamp(0, 1)
                                        .requires_grad_();
        const torch::Tensor slope = torch::autograd::grad({loss_of(start, fixed)}, {start}).front();
        // 1.25 epsilon from a random start: Wong et al., arXiv 2001.03994.
        const torch::Tensor moved = start.detach() + 1.25 * held_out_.epsilon * slope.sign();
        images = (images + (moved - images).clamp(-held_out_.epsilon, held_out_.epsilon)).clamp(0, 1);
    }
    const torch::Tensor loss = loss_of(images, gates).to(torch::kFloat64) + config_.weight * cost;
    const std::vector<torch::Tensor> slopes = torch::autograd::grad({loss}, logits);
    supernet->train(training);
    constexpr double first_decay = 0.9, second_decay = 0.999, floor = 1e-8;
    const auto step = static_cast<double>(update);
    for (std::size_t c = 0; c < slopes.size(); ++c) {
        const std::vector<double> slope = values_of(slopes[c]);
        for (std::size_t v = 0; v < slope.size(); ++v) {
            double &m = next.mean[c][v], &s = next.variance[c][v];
            m = first_decay * m + (1 - first_decay) * slope[v];
            s = second_decay * s + (1 - second_decay) * slope[v] * slope[v];
            next.logits[c][v] -= config_.learning_rate * (m / (1 - std::pow(first_decay, step))) /
                                 (std::sqrt(s / (1 - std::pow(second_decay, step))) + floor);
        }
    }
    states_.push_back(next);
    if (folder_.empty())
        return;
    std::ofstream out(file(), std::ios::app);
    out << Json{{"logits", next.logits}, {"mean", next.mean}, {"variance", next.variance}}.dump() << '\n';
    if (!out.flush())
        throw Error(file() + ": cannot be written");
}

std::vector<std::vector<double>> Gates::probabilities() const {
    ByChoice all;
    for (const std::vector<double>& logits : states_.back().logits)
        all.push_back(softmax(logits));
    return all;
}

std::vector<std::vector<double>> Gates::kept(const std::string& folder) {
    const std::string file = folder + "/gates.jsonl";
    if (folder.empty() || !std::filesystem::exists(file))
        return {};
    std::istringstream lines(read_file(file));
    ByChoice all;
    for (std::string line; std::getline(lines, line);)
        if (const Json json = Json::parse(line, nullptr, false); json.is_object()) {
            all.clear();
            for (const auto& logits : json.at("logits").get<ByChoice>())
                all.push_back(softmax(logits));
        }
    return all;
}

}  // namespace xloop
