#include "systemc_model/crossbar/reads/read_kernel.hpp"
#include "systemc_model/crossbar/reads/read_choice.hpp"

#include "core/error.hpp"
#include "core/random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>
#include <vector>

namespace xloop {
namespace {

/// Random numbers one after another, for shapes as well as for contents.
class Draws {
public:
    explicit Draws(std::uint64_t seed) : random_(seed, RandomUse::random_weights) {}
    int between(int low, int high) {
        return low + static_cast<int>(random_.below(static_cast<std::uint64_t>(high - low + 1), next_++));
    }

private:
    KeyedRandom random_;
    std::uint64_t next_ = 0;
};

struct Job {
    int rows = 1, vectors = 1;
    ReadPlan plan;
    std::ptrdiff_t stride = 1;
    std::vector<std::int16_t> steps;
    std::vector<std::uint8_t> inputs;  ///< ends with the last input of the last vector

    ReadInputs read_inputs() const { return {inputs.data(), stride, vectors}; }
};

Job make_job(int rows, int outputs, int slices, int vectors, int gap, int largest, ReadPlan plan, std::uint64_t seed) {
    Draws draws(seed);
    Job job{rows, vectors, plan, rows + gap, {}, {}};
    job.plan.outputs = outputs;
    job.plan.slices = slices;
    job.steps.resize(static_cast<std::size_t>(rows) * outputs * slices);
    for (auto& step : job.steps)
        step = static_cast<std::int16_t>(draws.between(-largest, std::min(largest, ReadMatrix::largest_step)));
    job.inputs.resize(static_cast<std::size_t>((vectors - 1) * job.stride + rows));
    for (auto& input : job.inputs)
        input = static_cast<std::uint8_t>(draws.between(0, 255));
    return job;
}

/// What the header promises, as plain loops; line (b, t) has `stride` entries.
std::vector<std::int32_t> expected_sums(const Job& job, int stride) {
    const ReadPlan& plan = job.plan;
    std::vector<std::int32_t> sums(static_cast<std::size_t>(job.vectors) * plan.reads() * stride);
    for (int b = 0; b < job.vectors; ++b)
        for (int t = 0; t < plan.reads(); ++t)
            for (int c = 0; c < plan.conversions(); ++c) {
                std::int64_t sum = 0;
                for (int r = 0; r < job.rows; ++r) {
                    const int input = job.inputs[static_cast<std::size_t>(b * job.stride + r)] % (1 << plan.input_bits);
                    const int digit = input / (1 << (t * plan.dac_bits)) % (1 << plan.dac_bits);
                    sum += digit * job.steps[static_cast<std::size_t>(r) * plan.conversions() + c];
                }
                sums[static_cast<std::size_t>((b * plan.reads() + t) * stride + c)] = static_cast<std::int32_t>(sum);
            }
    return sums;
}

struct Converted {
    std::vector<std::int32_t> codes, sums;
    std::vector<std::uint16_t> clipped;
};

Converted expected_conversion(const ReadPlan& plan, int stride, int vectors, std::vector<std::int32_t> partial) {
    Converted result;
    result.sums.resize(static_cast<std::size_t>(vectors) * plan.outputs);
    result.clipped.resize(result.sums.size());
    for (int b = 0; b < vectors; ++b)
        for (int t = 0; t < plan.reads(); ++t)
            for (int c = 0; c < plan.conversions(); ++c) {
                std::int32_t& value = partial[static_cast<std::size_t>((b * plan.reads() + t) * stride + c)];
                const double steps =
                    std::floor(value / std::ldexp(1.0, plan.fraction_bits) + (plan.fraction_bits > 0 ? 0.5 : 0.0));
                value = static_cast<std::int32_t>(std::clamp<double>(steps, plan.low, plan.high));
                const auto at = static_cast<std::size_t>(b * plan.outputs + c % plan.outputs);
                result.sums[at] += value * (1 << (t * plan.dac_bits)) * (1 << (c / plan.outputs * plan.slice_bits));
                result.clipped[at] = static_cast<std::uint16_t>(result.clipped[at] + (value != steps));
            }
    result.codes = std::move(partial);
    return result;
}

std::vector<std::int32_t> random_disturbance(std::size_t count, int largest, std::uint64_t seed) {
    Draws draws(seed);
    std::vector<std::int32_t> values(count);
    for (auto& value : values)
        value = draws.between(-largest, largest);
    return values;
}

/// All three functions, all kernels, against the loops above.
void expect_exact(const Job& job) {
    const ReadMatrix matrix(job.steps.data(), job.rows, job.plan.conversions());
    const auto sums = expected_sums(job, matrix.stride());
    auto disturbed = sums;
    const auto disturbance = random_disturbance(sums.size(), 1 << (job.plan.fraction_bits + 2), 99);
    for (std::size_t i = 0; i < sums.size(); ++i)
        disturbed[i] += disturbance[i];
    const auto plain = expected_conversion(job.plan, matrix.stride(), job.vectors, sums);
    const auto noisy = expected_conversion(job.plan, matrix.stride(), job.vectors, disturbed);
    for (ReadIsa isa : available_read_isas()) {
        SCOPED_TRACE(name(isa));
        std::vector<std::int32_t> got(sums.size(), -1);
        partial_sums(matrix, job.plan, job.read_inputs(), got.data(), isa);
        EXPECT_TRUE(got == sums) << "partial sums";
        std::vector<std::int32_t> out(plain.sums.size(), -1);
        multiply(matrix, job.plan, job.read_inputs(), nullptr, out.data(), isa);
        EXPECT_TRUE(out == plain.sums) << "without a disturbance";
        multiply(matrix, job.plan, job.read_inputs(), disturbance.data(), out.data(), isa);
        EXPECT_TRUE(out == noisy.sums) << "with a disturbance";
    }
}

ReadPlan make_plan(int input_bits, int dac_bits, int fraction_bits, int low, int high, int slice_bits) {
    ReadPlan plan;
    plan.input_bits = input_bits;
    plan.dac_bits = dac_bits;
    plan.fraction_bits = fraction_bits;
    plan.low = low;
    plan.high = high;
    plan.slice_bits = slice_bits;
    return plan;
}

TEST(ReadKernel, GivenEveryDacWidthAndInputWidth_ThenAllKernelsGiveTheSumsOfPlainLoops) {
    for (int input_bits = 1; input_bits <= 8; ++input_bits)
        for (int dac_bits = 1; dac_bits <= 8; ++dac_bits) {
            SCOPED_TRACE(testing::Message() << input_bits << " input bits, DAC of " << dac_bits);
            expect_exact(make_job(37, 11, 3, 5, 3, 2000, make_plan(input_bits, dac_bits, 7, -128, 127, 2), 1));
        }
}

TEST(ReadKernel, GivenEveryNumberOfRowsAroundAQuadOrATable_ThenAllKernelsGiveTheSumsOfPlainLoops) {
    for (int rows : {1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 63, 64, 65, 127, 128, 129, 131, 255, 257, 1023, 1024})
        for (int dac_bits : {1, 3}) {
            SCOPED_TRACE(testing::Message() << rows << " rows, DAC of " << dac_bits);
            expect_exact(make_job(rows, 9, 1, 3, 0, 32000, make_plan(8, dac_bits, 10, 0, 255, 0), 2));
        }
}

TEST(ReadKernel, GivenEveryNumberOfConversionsAroundAPanel_ThenAllKernelsGiveTheSumsOfPlainLoops) {
    for (int outputs : {1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 255, 256}) {
        SCOPED_TRACE(outputs);
        expect_exact(make_job(13, outputs, 1, 2, 1, 3000, make_plan(8, 1, 6, 0, 255, 0), 3));
        expect_exact(make_job(13, outputs, 4, 2, 1, 3000, make_plan(8, 2, 6, 0, 255, 2), 3));
    }
}

TEST(ReadKernel, GivenEveryBatchAroundABlock_ThenAllKernelsGiveTheSumsOfPlainLoops) {
    for (int vectors : {1, 2, 3, 4, 5, 15, 16, 17, 31, 33, 63, 64, 65, 100, 129})
        for (int dac_bits : {1, 3, 8}) {
            SCOPED_TRACE(testing::Message() << vectors << " vectors, DAC of " << dac_bits);
            expect_exact(make_job(6, 5, 2, vectors, 0, 5000, make_plan(8, dac_bits, 8, -8, 7, 3), 4));
        }
}

TEST(ReadKernel, GivenManyRandomJobs_ThenAllKernelsGiveTheSumsOfPlainLoops) {
    Draws draws(5);
    for (int i = 0; i < 60; ++i) {
        const int bits = draws.between(1, 12);
        const bool is_signed = draws.between(0, 1) == 1;
        const auto plan = make_plan(draws.between(1, 8), draws.between(1, 8), draws.between(0, 16),
                                    is_signed ? -(1 << (bits - 1)) : 0, (1 << (is_signed ? bits - 1 : bits)) - 1,
                                    draws.between(0, 3));
        SCOPED_TRACE(i);
        expect_exact(make_job(draws.between(1, 150), draws.between(1, 40), draws.between(1, 4), draws.between(1, 40),
                              draws.between(0, 70), draws.between(1, 32512), plan, static_cast<std::uint64_t>(i)));
    }
}

TEST(ReadKernel, GivenALargeBatch_ThenAllKernelsAgree) {
    const Job job = make_job(70, 25, 2, 4096, 2, 32512, make_plan(8, 1, 14, 0, 255, 2), 6);
    const ReadMatrix matrix(job.steps.data(), job.rows, job.plan.conversions());
    const auto all = [&](ReadIsa isa) {
        std::vector<std::int32_t> out(static_cast<std::size_t>(job.vectors) * job.plan.outputs);
        multiply(matrix, job.plan, job.read_inputs(), nullptr, out.data(), isa);
        return out;
    };
    const auto portable = all(ReadIsa::portable);
    for (ReadIsa isa : available_read_isas())
        EXPECT_TRUE(all(isa) == portable) << name(isa);
    // One vector at a time gives what the batch gives.
    for (int b : {0, 1, 63, 64, 4095}) {
        std::vector<std::int32_t> one(static_cast<std::size_t>(job.plan.outputs));
        multiply(matrix, job.plan, {job.inputs.data() + b * job.stride, job.stride, 1}, nullptr, one.data(),
                 best_read_isa(job.plan.dac_bits, 1));
        EXPECT_TRUE(std::equal(one.begin(), one.end(), portable.begin() + b * job.plan.outputs)) << b;
    }
}

TEST(ReadKernel, GivenTheLargestSteps_ThenTheyAreRepresentedExactly) {
    Job job = make_job(4, 4, 1, 1, 0, 1, make_plan(8, 8, 0, 0, 1, 0), 7);
    job.steps = {-32768, 32512, 127, -128, -32767, 32511, 128, -127, -32641, 32385, 382, -383, -32640, 0, 255, -255};
    expect_exact(job);
}

TEST(ReadKernel, GivenStepsThatDoNotSplit_ThenTheyAreRefused) {
    const std::vector<std::int16_t> steps = {0, 32513};
    EXPECT_THROW(ReadMatrix(steps.data(), 1, 2), Error);
    EXPECT_NO_THROW(ReadMatrix(steps.data(), 1, 1));
    const std::vector<std::int16_t> many(1025);
    EXPECT_THROW(ReadMatrix(many.data(), 1025, 1), Error);
    EXPECT_THROW(ReadMatrix(many.data(), 0, 1), Error);
}

TEST(ReadKernel, GivenSumsBeyond32Bits_ThenTheyAreRefused) {
    const std::vector<std::int16_t> steps(1024, 32512);
    const ReadMatrix matrix(steps.data(), 1024, 1);
    const std::vector<std::uint8_t> inputs(1024, 255);
    auto plan = make_plan(8, 8, 20, 0, 255, 0);
    plan.outputs = 1;
    std::int32_t sum = 0;
    EXPECT_THROW(multiply(matrix, plan, {inputs.data(), 1024, 1}, nullptr, &sum, ReadIsa::portable), Error);
    EXPECT_THROW(partial_sums(matrix, plan, {inputs.data(), 1024, 1}, &sum, ReadIsa::portable), Error);
    // Just below the limit: digits of up to 63 make sums of up to 63 * 32512 * 1024 = 2,097,414,144.
    plan.dac_bits = 6;
    plan.fraction_bits = 24;
    EXPECT_NO_THROW(multiply(matrix, plan, {inputs.data(), 1024, 1}, nullptr, &sum, ReadIsa::portable));
    EXPECT_EQ(sum, 125 + 64 * 6) << "round(2,097,414,144 / 2^24) and round(3 * 32512 * 1024 / 2^24)";
}

TEST(ReadKernel, GivenPlansThatDoNotFit_ThenTheyAreRefused) {
    const std::vector<std::int16_t> steps(6, 1);
    const ReadMatrix matrix(steps.data(), 2, 3);
    const std::vector<std::uint8_t> inputs(2, 1);
    const auto run = [&](ReadPlan plan, int outputs, int slices) {
        plan.outputs = outputs;
        plan.slices = slices;
        std::vector<std::int32_t> sums(64);
        multiply(matrix, plan, {inputs.data(), 2, 1}, nullptr, sums.data(), ReadIsa::portable);
    };
    EXPECT_NO_THROW(run(make_plan(8, 1, 0, 0, 255, 2), 3, 1));
    EXPECT_THROW(run(make_plan(8, 1, 0, 0, 255, 2), 2, 1), Error) << "another number of conversions";
    EXPECT_THROW(run(make_plan(9, 1, 0, 0, 255, 2), 3, 1), Error);
    EXPECT_THROW(run(make_plan(8, 0, 0, 0, 255, 2), 3, 1), Error);
    EXPECT_THROW(run(make_plan(8, 1, 31, 0, 255, 2), 3, 1), Error);
    EXPECT_THROW(run(make_plan(8, 1, 0, 1, 0, 2), 3, 1), Error);
    EXPECT_NO_THROW(run(make_plan(8, 1, 0, 0, (1 << 23) - 1, 2), 3, 1));
    EXPECT_THROW(run(make_plan(8, 1, 0, 0, 1 << 24, 2), 3, 1), Error) << "255 * 2^24 is above 2^31";
}

TEST(ReadKernel, GivenSumsFromElsewhere_ThenCodesSumsAndClippedConversionsAreThoseOfPlainLoops) {
    for (int dac_bits : {1, 3})
        for (int stride : {21, 32}) {
            auto plan = make_plan(8, dac_bits, 5, -8, 7, 2);
            plan.outputs = 7;
            plan.slices = 3;
            const int vectors = 4;
            auto partial = random_disturbance(static_cast<std::size_t>(vectors * plan.reads() * stride), 400, 8);
            const auto expected = expected_conversion(plan, stride, vectors, partial);
            auto without = partial;
            std::vector<std::int32_t> sums(expected.sums.size(), -1);
            std::vector<std::uint16_t> clipped(sums.size(), 9);
            convert_and_add(plan, stride, vectors, partial.data(), sums.data(), clipped.data());
            EXPECT_EQ(partial, expected.codes);
            EXPECT_EQ(sums, expected.sums);
            EXPECT_EQ(clipped, expected.clipped);
            EXPECT_GT(*std::max_element(clipped.begin(), clipped.end()), 0);
            convert_and_add(plan, stride, vectors, without.data(), sums.data(), nullptr);
            EXPECT_EQ(without, expected.codes);
            EXPECT_EQ(sums, expected.sums);
        }
}

TEST(ReadKernel, GivenSeveralThreads_ThenEachGetsTheSameSums) {
    const Job job = make_job(100, 30, 2, 40, 0, 32000, make_plan(8, 1, 12, 0, 255, 2), 9);
    const ReadMatrix matrix(job.steps.data(), job.rows, job.plan.conversions());
    for (ReadIsa isa : available_read_isas()) {
        std::vector<std::vector<std::int32_t>> out(4, std::vector<std::int32_t>(static_cast<std::size_t>(40) * 30));
        std::vector<std::thread> threads;
        for (auto& sums : out)
            threads.emplace_back([&] {
                for (int i = 0; i < 20; ++i)
                    multiply(matrix, job.plan, job.read_inputs(), nullptr, sums.data(), isa);
            });
        for (auto& thread : threads)
            thread.join();
        std::vector<std::int32_t> here(out[0].size());
        multiply(matrix, job.plan, job.read_inputs(), nullptr, here.data(), ReadIsa::portable);
        EXPECT_THAT(out, testing::Each(here)) << name(isa);
    }
}

TEST(ReadKernel, GivenThisProcessor_ThenTheBestKernelIsOneThatItCanRun) {
    EXPECT_TRUE(available(ReadIsa::portable));
    EXPECT_EQ(available_read_isas().front(), ReadIsa::portable);
    for (int dac_bits = 1; dac_bits <= 8; ++dac_bits)
        for (int vectors : {1, 7, 64, 4096}) {
            const ReadIsa isa = best_read_isa(dac_bits, vectors);
            EXPECT_TRUE(available(isa));
            EXPECT_EQ(best_read_isa(dac_bits, vectors), isa) << "tried once";
        }
    for (ReadIsa isa : available_read_isas())
        EXPECT_EQ(find_read_isa(name(isa)), isa);
    EXPECT_THROW(find_read_isa("fast"), InputError);
    EXPECT_THROW(find_read_isa(""), InputError);
    EXPECT_STREQ(name(ReadIsa::portable), "portable");
    EXPECT_STREQ(name(ReadIsa::vnni), "vnni");
    EXPECT_STREQ(name(ReadIsa::amx), "amx");
}

TEST(ReadKernel, GivenSeveralMatricesOnTheSameInputs_ThenEachProductIsThatOfItsOwn) {
    ReadPlan plan;
    plan.fraction_bits = 6;
    plan.low = -100;
    plan.high = 90;
    plan.slice_bits = 2;
    std::vector<Job> jobs;
    for (const auto& [outputs, slices] : {std::pair{8, 4}, {1, 1}, {21, 3}, {40, 2}})
        jobs.push_back(make_job(37, outputs, slices, 19, 3, 500, plan, 5));
    for (Job& job : jobs)
        job.inputs = jobs.front().inputs;
    for (ReadIsa isa : available_read_isas()) {
        std::vector<ReadMatrix> matrices;
        std::vector<std::vector<std::int32_t>> together, alone, disturbances;
        for (const Job& job : jobs) {
            matrices.emplace_back(job.steps.data(), job.rows, job.plan.conversions());
            const auto lines = static_cast<std::size_t>(job.vectors) * job.plan.reads();
            disturbances.push_back(random_disturbance(lines * matrices.back().stride(), 300, jobs.size()));
            together.emplace_back(static_cast<std::size_t>(job.vectors) * job.plan.outputs);
            alone.push_back(together.back());
        }
        std::vector<ReadTask> tasks;
        for (std::size_t k = 0; k < jobs.size(); ++k) {
            const std::int32_t* disturbance = k % 2 == 0 ? disturbances[k].data() : nullptr;
            tasks.push_back({&matrices[k], &jobs[k].plan, disturbance, together[k].data()});
            multiply(matrices[k], jobs[k].plan, jobs[k].read_inputs(), disturbance, alone[k].data(), isa);
        }
        multiply(tasks, jobs.front().read_inputs(), isa);
        EXPECT_EQ(together, alone) << name(isa);

        const Job other = make_job(36, 8, 4, 19, 4, 500, plan, 5);
        const ReadMatrix fewer_rows(other.steps.data(), other.rows, other.plan.conversions());
        tasks.push_back({&fewer_rows, &other.plan, nullptr, together[0].data()});
        EXPECT_THROW(multiply(tasks, jobs.front().read_inputs(), isa), Error);
    }
}

TEST(ReadKernel, GivenNoiseAndOffsets_ThenTheyAreAddedAsIfTheyHadBeenWrittenDown) {
    const NoiseDraws noise({3, 4}, 300.0);
    const NoiseAddress first{5, std::uint64_t{9} << 20};
    const std::uint64_t step = std::uint64_t{2} << 20;
    for (int dac_bits : {1, 3, 8})
        for (int vectors : {1, 5, 70}) {
            const Job job = make_job(21, 11, 4, vectors, 2, 700, make_plan(8, dac_bits, 8, -20, 19, 2), 7);
            const ReadMatrix matrix(job.steps.data(), job.rows, job.plan.conversions());
            const auto offsets = random_disturbance(static_cast<std::size_t>(matrix.stride()), 200, 3);
            const int reads = job.plan.reads(), stride = matrix.stride();
            std::vector<std::int32_t> lines;
            for (int line = 0; line < vectors * reads; ++line)
                lines.insert(lines.end(), offsets.begin(), offsets.end());
            for (int v = 0; v < vectors; ++v)
                noise.add({first.image, first.vector + static_cast<std::uint64_t>(v) * step}, reads,
                          job.plan.conversions(), stride, lines.data() + v * reads * stride);
            for (ReadIsa isa : available_read_isas()) {
                std::vector<std::int32_t> written(static_cast<std::size_t>(vectors * job.plan.outputs)), drawn(written);
                multiply(matrix, job.plan, job.read_inputs(), lines.data(), written.data(), isa);
                multiply({{&matrix, &job.plan, nullptr, drawn.data(), offsets.data(), &noise, first, step}},
                         job.read_inputs(), isa);
                EXPECT_EQ(drawn, written) << name(isa) << ", DAC of " << dac_bits << ", " << vectors << " vectors";
            }
        }
}

}  // namespace
}  // namespace xloop
