#pragma once

#include <torch/torch.h>

#include <string>
#include <utility>
#include <vector>

// Networks of configs/networks as anyone would write them with LibTorch, for comparison.

namespace xloop {

/// 3 x 3 convolution without bias, batch normalisation, and perhaps rectification: as anyone would write it.
struct BlockImpl : torch::nn::Module {
    BlockImpl(int in, int out, int stride, int kernel = 3)
        : conv(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false)), norm(out) {
        register_module("conv", conv);
        register_module("norm", norm);
    }
    torch::Tensor forward(const torch::Tensor& x) { return norm(conv(x)); }
    torch::nn::Conv2d conv;
    torch::nn::BatchNorm2d norm;
};
TORCH_MODULE(Block);

struct PlainNet : torch::nn::Module {
    virtual torch::Tensor forward(torch::Tensor x) = 0;
};

struct PlainCnn6 : PlainNet {
    PlainCnn6() : classifier(128, 10) {
        int in = 3, number = 0;
        for (const auto& [out, stride] : {std::pair(32, 2), {64, 1}, {64, 2}, {96, 1}, {128, 2}, {128, 1}}) {
            blocks.push_back(register_module("block" + std::to_string(number++), Block(in, out, stride)));
            in = out;
        }
        register_module("classifier", classifier);
    }
    torch::Tensor forward(torch::Tensor x) override {
        for (Block& block : blocks)
            x = torch::relu(block(x));
        return classifier(x.mean({2, 3}));
    }
    std::vector<Block> blocks;
    torch::nn::Linear classifier;
};

struct PlainResNet20 : PlainNet {
    PlainResNet20() : stem(3, 16, 1), classifier(64, 10) {
        register_module("stem", stem);
        register_module("classifier", classifier);
        int in = 16, number = 0;
        for (int out : {16, 32, 64})
            for (int i = 0; i < 3; ++i) {
                const int stride = out > 16 && i == 0 ? 2 : 1;
                const std::string name = std::to_string(number++);
                first.push_back(register_module("a" + name, Block(in, out, stride)));
                second.push_back(register_module("b" + name, Block(out, out, 1)));
                shortcut.push_back(in != out ? register_module("s" + name, Block(in, out, stride, 1)) : Block(nullptr));
                in = out;
            }
    }
    torch::Tensor forward(torch::Tensor x) override {
        x = torch::relu(stem(x));
        for (std::size_t i = 0; i < first.size(); ++i) {
            const torch::Tensor beside = shortcut[i].is_empty() ? x : shortcut[i](x);
            x = torch::relu(second[i](torch::relu(first[i](x))) + beside);
        }
        return classifier(x.mean({2, 3}));
    }
    Block stem;
    std::vector<Block> first, second, shortcut;
    torch::nn::Linear classifier;
};

}  // namespace xloop
