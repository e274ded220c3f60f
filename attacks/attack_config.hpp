#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"

#include <array>

namespace xloop {

/// How the size of a change is measured: the largest change of a value, or the root of the sum of their squares. Pixel values are in
/// [0, 1].
enum class Norm { linf, l2 };
constexpr auto names_of(Norm) { return std::array{"linf", "l2"}; }

/// Which class an attack with a target aims at: none (any other than the label), the class after the label (cyclic), the class with
/// the least logit, or one of the others by chance.
enum class AttackTarget { none, next, least_likely, random };
constexpr auto names_of(AttackTarget) { return std::array{"none", "next", "least_likely", "random"}; }

/// The attack a network must withstand. The first keys are those of PGD, with which networks are trained and searched; the others are for
/// the attacks that have them (attacks/attack.hpp).
struct AttackConfig {
    Norm norm = Norm::linf;
    double epsilon = 0.03137;
    double step_size = 0.00784;
    int steps = 7;
    bool random_start = true;

    int restarts = 1;
    AttackTarget target = AttackTarget::none;
    int draws = 1;                  ///< expectation over transformation: answers a gradient is the mean of
    double decay = 1.0;             ///< MI-FGSM: of the momentum
    double step_decay = 0.75;       ///< APGD: share of steps that must raise the loss (rho)
    int target_classes = 9;         ///< targeted APGD and FAB: the most likely wrong classes that are tried
    double square_share = 0.8;      ///< Square: share of the image in the first square (p)
    bool square_stretched = true;   ///< Square: its schedule of 10000 queries is stretched to the steps
    double learning_rate = 0.01;    ///< Carlini-Wagner: of Adam
    int search_steps = 9;           ///< Carlini-Wagner: of the binary search for the constant
    double first_constant = 0.001;  ///< Carlini-Wagner
    double confidence = 0.0;        ///< Carlini-Wagner: margin of logits (kappa)
    double overshoot = 0.02;        ///< DeepFool
    int pixels = 1;                 ///< one-pixel: pixels changed
    int population = 400;           ///< one-pixel
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, AttackConfig& c);

}  // namespace xloop
