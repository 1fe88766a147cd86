// Runs the kernels on the processor: threads of a block take turns, each from one barrier to the next, in ascending and
// descending order by turns, so that a missing barrier shows; blocks run one after the other.
//
// Reads from standard input 32-bit numbers: which kernel (0 gradient, 1 dice_sums, 2 outputs), blocks, runs, size,
// stage or kind, scale, threshold, and then six arrays, each behind its length: parameters, features, rows, labels,
// values, slopes. Writes what the kernel gives, partial sums added up by `add_up`.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ucontext.h>
#include <vector>

#define __device__
#define __global__
#define __shared__
#define __forceinline__ inline
#define __launch_bounds__(threads)

struct Index {
    unsigned x;
};

static Index threadIdx, blockIdx, gridDim;

static ucontext_t caller;
static std::vector<ucontext_t> threads_of_block;

static void __syncthreads() {
    unsigned thread = threadIdx.x;
    swapcontext(&threads_of_block[thread], &caller);
    threadIdx.x = thread;
}

#include "kernels.cu"

float shared[1 << 16];

// What the threads of a block run, and how many of them are at its end.
static void (*run_kernel)(const void*);
static const void* kernel_to_run;
static unsigned finished;

static void run_thread() {
    run_kernel(kernel_to_run);
    finished++;
}

template <class Kernel>
static void launch(unsigned blocks, unsigned threads, Kernel kernel) {
    constexpr size_t STACK = 64 << 10;
    static std::vector<char> stacks;
    stacks.resize(threads * STACK);
    threads_of_block.resize(threads);
    run_kernel = [](const void* kernel) { (*static_cast<const Kernel*>(kernel))(); };
    kernel_to_run = &kernel;
    gridDim.x = blocks;
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++) {
        for (auto& context : threads_of_block) {
            getcontext(&context);
            context.uc_stack.ss_sp = stacks.data() + (&context - threads_of_block.data()) * STACK;
            context.uc_stack.ss_size = STACK;
            context.uc_link = &caller;
            makecontext(&context, run_thread, 0);
        }
        finished = 0;
        for (bool ascending = true; finished < threads; ascending = !ascending) {
            unsigned finished_before = finished;
            for (unsigned turn = 0; turn < threads; turn++) {
                threadIdx.x = ascending ? turn : threads - 1 - turn;
                swapcontext(&caller, &threads_of_block[threadIdx.x]);
            }
            // All threads of a block meet the same barriers.
            if (finished != finished_before && finished != threads) std::abort();
        }
    }
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
    if (numbers.empty()) return numbers;
    if (std::fread(numbers.data(), sizeof(Number), numbers.size(), stdin) != numbers.size()) std::abort();
    return numbers;
}

template <class Number>
static void write(const std::vector<Number>& numbers) {
    if (numbers.empty()) return;
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
