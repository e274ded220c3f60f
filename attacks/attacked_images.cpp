#include "attacks/attacked_images.hpp"

#include "attacks/pgd.hpp"
#include "attacks/pixel_network.hpp"
#include "dnn/one_thread.hpp"

#include <torch/torch.h>

namespace xloop {

ImageSet attacked_images(const FloatNetwork& network, const ImageSet& images, const Preprocessing& how,
                         const AttackConfig& attack, std::uint64_t seed, const Watch& watch) {
    constexpr int batch = 64;
    use_one_thread();
    PixelNetwork reader(network, how);
    const torch::Tensor labels = label_tensor(images);
    return image_set(adversarial_pixels([&](const torch::Tensor& pixels) { return reader.forward(pixels); },
                                        image_tensor(images), labels, attack, seed, watch, batch),
                     labels);
}

}  // namespace xloop
