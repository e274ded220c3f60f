#include "attacks/steps.hpp"
#include "core/error.hpp"
#include "core/random.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

// Square: Andriushchenko et al., arXiv 1912.00049. Random search that knows logits alone: each query moves one square
// of the change, and the move stays if the margin of the label falls. Every image has squares of its own. A square may
// touch any border of the image, as in the paper's algorithms 2 and 3; the authors' code never places it at the last
// row and column.

namespace xloop {
namespace {

/// The random choices of one image for one query, in the order in which they are asked for.
class Choices {
public:
    Choices(const KeyedRandom& keys, std::int64_t image, int restart, int query)
        : keys_(keys), image_(static_cast<std::uint64_t>(image)) {
        constexpr std::uint64_t first = 1000;  // below it: noise in the shape of an image
        at_ = first + (static_cast<std::uint64_t>(restart) << 48) + (static_cast<std::uint64_t>(query) << 16);
    }
    std::int64_t up_to(std::int64_t last) {
        return static_cast<std::int64_t>(keys_.below(static_cast<std::uint64_t>(last + 1), image_, at_++));
    }
    bool coin() { return (keys_.bits(image_, at_++) & 1U) != 0; }
    float sign() { return coin() ? 1.0f : -1.0f; }

private:
    const KeyedRandom& keys_;
    std::uint64_t image_, at_ = 0;
};

/// Two hills of opposite sign side by side, each highest in its middle, of norm 1 together: what a square adds in L2
/// (equation 2). Row after row [side * side].
std::vector<float> two_hills(std::int64_t side) {
    std::vector<double> hills(side * side);
    const auto raise = [&](std::int64_t first, std::int64_t rows, double sign) {
        const std::int64_t rings = std::max(rows / 2, side / 2) + 1;
        std::vector<double> height(rings + 1, 0.0);  // of the ring at a distance from the middle
        for (std::int64_t d = rings - 1; d >= 0; --d)
            height[d] = height[d + 1] + 1.0 / static_cast<double>((d + 1) * (d + 1));
        double squares = 0.0;
        const auto at = [&](std::int64_t row, std::int64_t column) {
            return height[std::max(std::abs(row - rows / 2), std::abs(column - side / 2))];
        };
        for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t column = 0; column < side; ++column)
                squares += at(row, column) * at(row, column);
        for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t column = 0; column < side; ++column)
                hills[(first + row) * side + column] = sign * at(row, column) / std::sqrt(squares);
    };
    raise(0, side / 2, 1.0);
    raise(side / 2, side - side / 2, -1.0);
    const double norm = side > 1 ? std::sqrt(2.0) : 1.0;  // a side of 1 has one hill alone
    std::vector<float> scaled(hills.size());
    std::transform(hills.begin(), hills.end(), scaled.begin(), [&](double h) { return static_cast<float>(h / norm); });
    return scaled;
}

/// The moves, for images of one shape and one epsilon. Pointers are to one image [C, H, W].
class Moves {
public:
    Moves(const torch::Tensor& images, const AttackConfig& config)
        : channels_(images.size(1)), height_(images.size(2)), width_(images.size(3)), norm_(config.norm),
          epsilon_(static_cast<float>(config.epsilon)), change_(channels_ * height_ * width_) {}

    /// Sets the side of the squares for the next moves, of a share of the image's area.
    void set_share(double share) {
        const double root = std::sqrt(share * static_cast<double>(height_ * width_));
        std::int64_t side = std::max<std::int64_t>(std::lround(root), norm_ == Norm::l2 ? 3 : 1);
        if (norm_ == Norm::l2)
            side |= 1;
        set_side(std::min({side, height_, width_}));
    }

    void start(const float* image, float* out, Choices& choices) {
        if (norm_ == Norm::linf)
            stripes(image, out, choices);
        else
            tiles(image, out, choices);
    }
    void move(const float* image, const float* best, float* out, Choices& choices) {
        if (norm_ == Norm::linf)
            recolour(image, best, out, choices);
        else
            gather_mass(image, best, out, choices);
    }

private:
    struct Corner {
        std::int64_t row, column;
    };
    std::int64_t offset(std::int64_t channel, Corner corner) const {
        return (channel * height_ + corner.row) * width_ + corner.column;
    }
    Corner any_corner(Choices& choices) const {
        const std::int64_t row = choices.up_to(height_ - side_);
        return {row, choices.up_to(width_ - side_)};
    }
    bool in_square(Corner corner, std::int64_t row, std::int64_t column) const {
        return row >= corner.row && row < corner.row + side_ && column >= corner.column &&
               column < corner.column + side_;
    }
    void set_side(std::int64_t side) {
        if (side == side_)
            return;
        side_ = side;
        if (norm_ == Norm::l2)
            hills_ = two_hills(side);
    }
    float hill(std::int64_t row, std::int64_t column, bool turned) const {
        return turned ? hills_[column * side_ + row] : hills_[row * side_ + column];
    }
    /// For every value of a square in one channel: its place in the image, and its row and column in the square.
    template <typename Visit>
    void visit_square(std::int64_t channel, Corner corner, const Visit& visit) const {
        for (std::int64_t row = 0; row < side_; ++row)
            for (std::int64_t column = 0; column < side_; ++column)
                visit(offset(channel, {corner.row + row, corner.column + column}), row, column);
    }

    void stripes(const float* image, float* out, Choices& choices) const {
        for (std::int64_t channel = 0; channel < channels_; ++channel)
            for (std::int64_t column = 0; column < width_; ++column) {
                const float step = epsilon_ * choices.sign();
                for (std::int64_t row = 0; row < height_; ++row) {
                    const std::int64_t at = offset(channel, {row, column});
                    out[at] = std::clamp(image[at] + step, 0.0f, 1.0f);
                }
            }
    }
    void recolour(const float* image, const float* best, float* out, Choices& choices) const {
        std::copy_n(best, channels_ * height_ * width_, out);
        const Corner corner = any_corner(choices);
        for (std::int64_t channel = 0; channel < channels_; ++channel) {
            const float step = epsilon_ * choices.sign();
            visit_square(channel, corner, [&](std::int64_t at, std::int64_t, std::int64_t) {
                out[at] = std::clamp(image[at] + step, 0.0f, 1.0f);
            });
        }
    }

    /// Hills on a grid of five tiles by five.
    void tiles(const float* image, float* out, Choices& choices) {
        set_side(std::max<std::int64_t>(std::min(height_, width_) / 5, 1));
        const Corner first = {height_ % side_ / 2, width_ % side_ / 2};
        std::fill(change_.begin(), change_.end(), 0.0f);
        for (Corner corner = first; corner.row + side_ <= height_; corner.row += side_)
            for (corner.column = first.column; corner.column + side_ <= width_; corner.column += side_) {
                const bool turned = choices.coin();
                for (std::int64_t channel = 0; channel < channels_; ++channel) {
                    const float sign = choices.sign();
                    visit_square(channel, corner, [&](std::int64_t at, std::int64_t row, std::int64_t column) {
                        change_[at] = sign * hill(row, column, turned);
                    });
                }
            }
        write_change(image, out);
    }

    /// Algorithm 3: a second square gives its share of the change to the first, which gets new hills besides, and what
    /// epsilon has left.
    void gather_mass(const float* image, const float* best, float* out, Choices& choices) {
        double whole = 0.0;
        for (std::size_t at = 0; at < change_.size(); ++at) {
            change_[at] = best[at] - image[at];
            whole += static_cast<double>(change_[at]) * change_[at];
        }
        const Corner to = any_corner(choices), from = any_corner(choices);
        const bool turned = choices.coin();
        const double epsilon = epsilon_;
        const double unused = std::max(epsilon * epsilon - whole, 0.0) / static_cast<double>(channels_);
        std::vector<float> fresh(side_ * side_);
        for (std::int64_t channel = 0; channel < channels_; ++channel) {
            double there = 0.0, both = 0.0;
            visit_square(channel, to, [&](std::int64_t at, std::int64_t, std::int64_t) {
                there += static_cast<double>(change_[at]) * change_[at];
            });
            both = there;
            visit_square(channel, from, [&](std::int64_t at, std::int64_t row, std::int64_t column) {
                if (!in_square(to, from.row + row, from.column + column))
                    both += static_cast<double>(change_[at]) * change_[at];
            });
            const float sign = choices.sign(), old = static_cast<float>(1.0 / (1e-12 + std::sqrt(there)));
            double squares = 0.0;
            visit_square(channel, to, [&](std::int64_t at, std::int64_t row, std::int64_t column) {
                const float value = sign * hill(row, column, turned) + old * change_[at];
                fresh[row * side_ + column] = value;
                squares += static_cast<double>(value) * value;
            });
            const float scale = static_cast<float>(std::sqrt(unused + both) / (1e-12 + std::sqrt(squares)));
            visit_square(channel, from, [&](std::int64_t at, std::int64_t, std::int64_t) { change_[at] = 0.0f; });
            visit_square(channel, to, [&](std::int64_t at, std::int64_t row, std::int64_t column) {
                change_[at] = scale * fresh[row * side_ + column];
            });
        }
        write_change(image, out);
    }

    /// The whole of epsilon is used; what [0, 1] cuts off is lost.
    void write_change(const float* image, float* out) const {
        double squares = 0.0;
        for (const float c : change_)
            squares += static_cast<double>(c) * c;
        const float scale = static_cast<float>(epsilon_ / (1e-12 + std::sqrt(squares)));
        for (std::size_t at = 0; at < change_.size(); ++at)
            out[at] = std::clamp(image[at] + scale * change_[at], 0.0f, 1.0f);
    }

    std::int64_t channels_, height_, width_;
    Norm norm_;
    float epsilon_;
    std::int64_t side_ = 0;
    std::vector<float> hills_, change_;
};

/// The share of the image that a square has: halved at fixed shares of the queries (section 5 of the paper, which has
/// 10000), or at the numbers of queries that are these shares of 10000.
double share_at(double first, int query, int queries, bool stretched) {
    constexpr int halvings[] = {10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};
    const int at = stretched ? static_cast<int>(10000.0 * query / queries) : query;
    return first / std::pow(2.0, std::lower_bound(std::begin(halvings), std::end(halvings), at) - std::begin(halvings));
}

/// What is left of the images that are asked about.
struct InPlay {
    torch::Tensor rows;  ///< int64 [M]: places in the whole batch
    AttackBatch batch;
    torch::Tensor best, margin;  ///< [M, C, H, W], [M]: the point with the least margin so far

    void keep(const torch::Tensor& index) {
        rows = rows.index_select(0, index);
        batch = batch.select(index);
        best = best.index_select(0, index);
        margin = margin.index_select(0, index);
    }
};

}  // namespace

torch::Tensor square(const AttackTask& task) {
    const AttackConfig& config = task.config;
    if (config.steps < 1)
        throw Error("the Square attack needs one query or more");
    const torch::NoGradGuard no_grad;
    const KeyedRandom keys(task.seed, RandomUse::attack_start);
    torch::Tensor result = task.batch.images.detach().clone(torch::MemoryFormat::Contiguous);
    torch::Tensor least = torch::full({task.batch.size()}, std::numeric_limits<float>::infinity());
    torch::Tensor left = wrong(logits_at(task, result), task.batch.labels).logical_not_().nonzero().flatten();
    Moves moves(result, config);
    for (int restart = 0; restart < config.restarts && left.numel() > 0; ++restart) {
        InPlay play = {left, task.batch.select(left), {}, {}};
        play.batch.images = play.batch.images.contiguous();
        play.best = play.batch.images;
        play.margin = torch::full_like(left, std::numeric_limits<float>::infinity(), torch::kFloat32);
        std::vector<torch::Tensor> unbroken;
        for (int query = 0; query < config.steps && play.rows.numel() > 0; ++query) {
            if (task.watch)
                task.watch({(restart + static_cast<double>(query) / config.steps) / config.restarts});
            if (query > 0)
                moves.set_share(share_at(config.square_share, query - 1, config.steps, config.square_stretched));
            const torch::Tensor proposal = torch::empty_like(play.best);
            const std::int64_t values = play.best[0].numel();
            const float* image = play.batch.images.data_ptr<float>();
            const float* best = play.best.data_ptr<float>();
            float* out = proposal.data_ptr<float>();
            for (std::int64_t i = 0; i < play.rows.numel(); ++i, image += values, best += values, out += values) {
                Choices choices(keys, play.batch.numbers[i], restart, query);
                if (query == 0)
                    moves.start(image, out, choices);
                else
                    moves.move(image, best, out, choices);
            }
            const torch::Tensor logits = logits_at(task.on(play.batch), proposal);
            const torch::Tensor margin = margins(logits, play.batch.labels);
            const torch::Tensor broken = wrong(logits, play.batch.labels);
            const torch::Tensor better = (margin < play.margin).logical_or_(broken);
            play.best = torch::where(per_image(better), proposal, play.best);
            play.margin = torch::where(better, margin, play.margin);
            if (broken.any().item<bool>()) {
                const torch::Tensor done = broken.nonzero().flatten();
                result.index_copy_(0, play.rows.index_select(0, done), play.best.index_select(0, done));
                play.keep(broken.logical_not().nonzero().flatten());
            }
        }
        // Who is not broken gets the point with the least margin of all restarts.
        const torch::Tensor lower = (play.margin < least.index_select(0, play.rows)).nonzero().flatten();
        result.index_copy_(0, play.rows.index_select(0, lower), play.best.index_select(0, lower));
        least.index_copy_(0, play.rows.index_select(0, lower), play.margin.index_select(0, lower));
        left = play.rows;
    }
    return result;
}

}  // namespace xloop
