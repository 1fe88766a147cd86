// Runs the kernels on the processor: a thread of a block is a thread of the system, blocks run one after the other.
//
// Reads from standard input 32-bit numbers: which kernel (0 gradient, 1 dice_sums, 2 outputs), blocks, runs, size,
// stage or kind, scale, threshold, and then six arrays, each behind its length: parameters, features, rows, labels,
// values, slopes. Writes what the kernel gives, partial sums added up by `add_up`.

#include <barrier>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#define __device__
#define __global__
#define __shared__
#define __forceinline__ inline
#define __launch_bounds__(threads)

struct Index {
    unsigned x;
};

static thread_local Index threadIdx, blockIdx;
static Index gridDim;
static std::barrier<>* all_threads;

static void __syncthreads() { all_threads->arrive_and_wait(); }

#include "kernels.cu"

float shared[1 << 16];

template <class Kernel>
static void launch(unsigned blocks, unsigned threads, Kernel kernel) {
    std::barrier<> meeting(threads);
    all_threads = &meeting;
    gridDim.x = blocks;
    std::vector<std::thread> pool;
    for (unsigned thread = 0; thread < threads; thread++) {
        pool.emplace_back([=] {
            threadIdx.x = thread;
            for (unsigned block = 0; block < blocks; block++) {
                blockIdx.x = block;
                kernel();
                __syncthreads();
            }
        });
    }
    for (auto& thread : pool) thread.join();
}

template <class Number>
static Number read_one() {
    Number number;
    if (std::fread(&number, sizeof number, 1, stdin) != 1) std::abort();
    return number;
}

template <class Number>
static std::vector<Number> read_array() {
    // A vector of the right length, so that reading behind an end is found by a sanitizer.
    std::vector<Number> numbers(read_one<uint32_t>());
    if (std::fread(numbers.data(), sizeof(Number), numbers.size(), stdin) != numbers.size()) std::abort();
    return numbers;
}

template <class Number>
static void write(const std::vector<Number>& numbers) {
    if (std::fwrite(numbers.data(), sizeof(Number), numbers.size(), stdout) != numbers.size()) std::abort();
}

static void write_sums(const std::vector<float>& partials, unsigned blocks, unsigned columns) {
    std::vector<float> sums(columns);
    launch((columns + 31) / 32, ADDERS, [&] { add_up(partials.data(), blocks, columns, sums.data()); });
    write(sums);
}

int main() {
    auto kernel = read_one<uint32_t>(), blocks = read_one<uint32_t>(), runs = read_one<uint32_t>();
    auto size = read_one<uint32_t>(), stage = read_one<uint32_t>();
    auto scale = read_one<float>(), threshold = read_one<float>();
    auto parameters = read_array<float>(), features = read_array<float>();
    auto rows = read_array<uint32_t>(), labels = read_array<uint32_t>();
    auto values = read_array<float>(), slopes = read_array<float>();
    std::vector<float> scratch(ACTIVATIONS_SHARED ? 0 : size_t(blocks) * ROWS * STRIDE);
    // What is not written shows as NaN.
    if (kernel == 0) {
        std::vector<float> partials(size_t(blocks) * (PARAMETERS + 1), NAN);
        launch(blocks, THREADS, [&] {
            gradient(parameters.data(), features.data(), rows.data(), runs, size, stage, labels.data(), values.data(),
                     slopes.data(), scale, threshold, scratch.data(), partials.data());
        });
        write_sums(partials, blocks, PARAMETERS + 1);
    } else if (kernel == 1) {
        std::vector<float> partials(size_t(blocks) * 3 * OUTPUTS, NAN);
        launch(blocks, THREADS, [&] {
            dice_sums(parameters.data(), features.data(), rows.data(), runs, size, labels.data(), scratch.data(),
                      partials.data());
        });
        write_sums(partials, blocks, 3 * OUTPUTS);
    } else {
        std::vector<uint32_t> classes(stage == CLASSES ? size : 0);
        std::vector<float> written(stage == CLASSES ? 0 : size_t(size) * OUTPUTS, NAN);
        launch(blocks, THREADS, [&] {
            outputs(parameters.data(), features.data(), rows.data(), runs, size, stage, classes.data(), written.data(),
                    scratch.data());
        });
        write(classes);
        write(written);
    }
}
