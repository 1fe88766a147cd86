// Forward, loss and gradient of a multilayer perceptron, a tile of samples at a time; compiled for one network.
//
// What the host defines (see `plan.rs`):
//   WIDTHS              inputs, hidden layers, outputs, separated by commas
//   TILE                samples of a tile: a multiple of 32, at most THREADS
//   THREADS             threads of a block: a multiple of 32
//   ACTIVATIONS_SHARED  1: activations are in shared memory, 0: in `scratch`
//   WEIGHTS_SHARED      1: the parameters are copied to shared memory
//   SUMS_SHARED         1: the running sums of the gradient are in shared memory, 0: in `partials`
//
// Values of a tile are stored (feature, sample), a row of STRIDE numbers a feature: threads of a warp that work on
// neighbouring samples, and threads that work on neighbouring features, all meet different banks. The rows of all layers
// stay until the way back, where the derivatives by a layer replace its activations.
//
// Every sum has a fixed order: within a tile by sample, within a block by tile, and over blocks by number. Where memory
// is placed changes no order, so that it changes no bit.

constexpr int OF[] = {WIDTHS};
constexpr int LAYERS = sizeof(OF) / sizeof(int) - 1;
constexpr int INPUTS = OF[0];
constexpr int OUTPUTS = OF[LAYERS];
constexpr int WARPS = THREADS / 32;
constexpr int STRIDE = TILE + 1;
// Samples of a tile that a thread works on in a layer.
constexpr int COLUMNS = TILE / 32;
// Most rows whose sums a thread has in registers at once.
constexpr int MOST_ROWS = 8;

// The losses, numbered as in `plan.rs`; any other number is the absolute error.
constexpr unsigned CROSS_ENTROPY = 0, DICE = 1, SQUARED = 2, HUBER = 3, GIVEN = 4;

// What is written, numbered as in `plan.rs`.
constexpr unsigned CLASSES = 0, PROBABILITIES = 1;

// The first row of the inputs of a layer among all activations; for LAYERS, of the outputs.
__device__ constexpr int first_row(int layer) {
    int row = 0;
    for (int before = 0; before < layer; before++) row += OF[before];
    return row;
}

// Where the weights (outputs, inputs) of a layer begin among all parameters; its biases follow them.
__device__ constexpr int first_weight(int layer) {
    int at = 0;
    for (int before = 0; before < layer; before++) at += (OF[before] + 1) * OF[before + 1];
    return at;
}

constexpr int ROWS = first_row(LAYERS) + OUTPUTS;
constexpr int PARAMETERS = first_weight(LAYERS);

// Rows whose sums a thread has at once, so that the warps share `rows` evenly.
__device__ constexpr int rows_at_once(int rows) {
    int passes = (rows + WARPS * MOST_ROWS - 1) / (WARPS * MOST_ROWS);
    return (rows + WARPS * passes - 1) / (WARPS * passes);
}

// The side of the squares of weights whose gradients a thread sums at once.
__device__ constexpr int side(int weights) {
    return weights <= 4 * THREADS ? 1 : weights <= 16 * THREADS ? 2 : 4;
}

extern __shared__ float shared[];

// The parts of the shared memory, in numbers of 4 bytes.
constexpr int AT_LOSSES = TILE;
constexpr int AT_ACTIVATIONS = AT_LOSSES + THREADS;
constexpr int AT_WEIGHTS = AT_ACTIVATIONS + ACTIVATIONS_SHARED * ROWS * STRIDE;
constexpr int AT_SUMS = AT_WEIGHTS + WEIGHTS_SHARED * PARAMETERS;

// Which samples: `runs` pairs of (first place in the batch, its row), or without runs the row of each place.
struct Batch {
    const unsigned* rows;
    unsigned runs;
    unsigned size;

    __device__ unsigned row(unsigned place) const {
        if (runs == 0) return rows[place];
        // The last run that begins at or before the place.
        unsigned low = 0, high = runs;
        while (high - low > 1) {
            unsigned middle = low + (high - low) / 2;
            if (rows[2 * middle] <= place) low = middle;
            else high = middle;
        }
        return rows[2 * low + 1] + (place - rows[2 * low]);
    }

    __device__ unsigned tiles() const { return (size + TILE - 1) / TILE; }
};

// What all kernels share: where the block keeps its numbers.
struct Block {
    const float* weights;
    float* activations;
    // The rows of the samples of the tile.
    unsigned* rows;

    __device__ Block(const float* parameters, float* scratch) {
        rows = reinterpret_cast<unsigned*>(shared);
        activations = ACTIVATIONS_SHARED ? shared + AT_ACTIVATIONS : scratch + size_t(blockIdx.x) * (ROWS * STRIDE);
        weights = parameters;
        if (WEIGHTS_SHARED) {
            for (int i = threadIdx.x; i < PARAMETERS; i += THREADS) shared[AT_WEIGHTS + i] = parameters[i];
            weights = shared + AT_WEIGHTS;
        }
    }

    __device__ float* outputs() const { return activations + first_row(LAYERS) * STRIDE; }
};

// Reads the features of a tile; samples beyond the batch are zeros.
__device__ void load(const Block& block, const Batch& batch, unsigned tile, const float* features) {
    unsigned first = tile * TILE;
    __syncthreads();
    for (int s = threadIdx.x; s < TILE; s += THREADS) {
        block.rows[s] = first + s < batch.size ? batch.row(first + s) : 0;
    }
    __syncthreads();
    for (int at = threadIdx.x; at < TILE * INPUTS; at += THREADS) {
        int s = at / INPUTS, feature = at % INPUTS;
        float value = first + s < batch.size ? features[size_t(block.rows[s]) * INPUTS + feature] : 0.0f;
        block.activations[feature * STRIDE + s] = value;
    }
    __syncthreads();
}

// Sums over the rows of `input`: result(r, s) = begin(r) + Σ weight(r, i) input(i, s), given to `finish`.
//
// A thread keeps the sums of some rows and samples in registers; a warp reads neighbouring samples and one weight.
template <int IN, int OUT, class Begin, class Weight, class Finish>
__device__ __forceinline__ void product(const float* input, Begin begin, Weight weight, Finish finish) {
    constexpr int AT_ONCE = rows_at_once(OUT);
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    for (int first = warp * AT_ONCE; first < OUT; first += WARPS * AT_ONCE) {
        float sums[AT_ONCE][COLUMNS];
#pragma unroll
        for (int r = 0; r < AT_ONCE; r++) {
            float start = begin(first + r < OUT ? first + r : OUT - 1);
#pragma unroll
            for (int c = 0; c < COLUMNS; c++) sums[r][c] = start;
        }
#pragma unroll 4
        for (int i = 0; i < IN; i++) {
            float values[COLUMNS];
#pragma unroll
            for (int c = 0; c < COLUMNS; c++) values[c] = input[i * STRIDE + lane + 32 * c];
#pragma unroll
            for (int r = 0; r < AT_ONCE; r++) {
                float factor = weight(first + r < OUT ? first + r : OUT - 1, i);
#pragma unroll
                for (int c = 0; c < COLUMNS; c++) sums[r][c] = fmaf(factor, values[c], sums[r][c]);
            }
        }
#pragma unroll
        for (int r = 0; r < AT_ONCE; r++) {
            if (first + r < OUT) {
#pragma unroll
                for (int c = 0; c < COLUMNS; c++) finish(first + r, lane + 32 * c, sums[r][c]);
            }
        }
    }
}

// The activations of all layers from LAYER on.
template <int LAYER>
__device__ __forceinline__ void forward(const Block& block) {
    constexpr int IN = OF[LAYER], OUT = OF[LAYER + 1];
    const float* input = block.activations + first_row(LAYER) * STRIDE;
    float* output = block.activations + first_row(LAYER + 1) * STRIDE;
    const float* weights = block.weights + first_weight(LAYER);
    const float* biases = weights + IN * OUT;
    auto begin = [=](int o) { return biases[o]; };
    auto weight = [=](int o, int i) { return weights[o * IN + i]; };
    auto finish = [=](int o, int s, float sum) {
        // In this form NaN stays NaN.
        output[o * STRIDE + s] = LAYER + 1 < LAYERS && sum < 0.0f ? 0.0f : sum;
    };
    product<IN, OUT>(input, begin, weight, finish);
    __syncthreads();
    if constexpr (LAYER + 1 < LAYERS) forward<LAYER + 1>(block);
}

// Adds Σ delta(o, s) input(i, s) to the sums of the weights, Σ delta(o, s) to those of the biases.
//
// A thread always meets the same weights: its sums need no other synchronisation.
template <int IN, int OUT>
__device__ __forceinline__ void outer(const float* delta, const float* input, float* sums, bool is_first) {
    constexpr int SIDE = side(IN * OUT);
    // Rows of a square lie so far apart that neighbouring threads have neighbouring rows.
    constexpr int APART_OUT = (OUT + SIDE - 1) / SIDE, APART_IN = (IN + SIDE - 1) / SIDE;
    for (int square = threadIdx.x; square < APART_OUT * APART_IN; square += THREADS) {
        int o = square / APART_IN, i = square % APART_IN;
        float total[SIDE][SIDE] = {};
#pragma unroll 4
        for (int s = 0; s < TILE; s++) {
            float left[SIDE], right[SIDE];
#pragma unroll
            for (int k = 0; k < SIDE; k++) {
                int row_out = o + k * APART_OUT, row_in = i + k * APART_IN;
                left[k] = delta[(row_out < OUT ? row_out : OUT - 1) * STRIDE + s];
                right[k] = input[(row_in < IN ? row_in : IN - 1) * STRIDE + s];
            }
#pragma unroll
            for (int a = 0; a < SIDE; a++) {
#pragma unroll
                for (int b = 0; b < SIDE; b++) total[a][b] = fmaf(left[a], right[b], total[a][b]);
            }
        }
#pragma unroll
        for (int a = 0; a < SIDE; a++) {
#pragma unroll
            for (int b = 0; b < SIDE; b++) {
                int row_out = o + a * APART_OUT, row_in = i + b * APART_IN;
                if (row_out < OUT && row_in < IN) {
                    float* sum = sums + row_out * IN + row_in;
                    *sum = is_first ? total[a][b] : *sum + total[a][b];
                }
            }
        }
    }
    // The last threads first: they have fewer squares.
    for (int o = THREADS - 1 - threadIdx.x; o < OUT; o += THREADS) {
        float total = 0.0f;
        for (int s = 0; s < TILE; s++) total += delta[o * STRIDE + s];
        float* sum = sums + IN * OUT + o;
        *sum = is_first ? total : *sum + total;
    }
}

// Adds the gradients of the layers from LAYER down; the derivatives by its outputs stand in place of these.
template <int LAYER>
__device__ __forceinline__ void backward(const Block& block, float* sums, bool is_first) {
    constexpr int IN = OF[LAYER], OUT = OF[LAYER + 1];
    float* input = block.activations + first_row(LAYER) * STRIDE;
    const float* delta = block.activations + first_row(LAYER + 1) * STRIDE;
    outer<IN, OUT>(delta, input, sums + first_weight(LAYER), is_first);
    if constexpr (LAYER > 0) {
        __syncthreads();
        const float* weights = block.weights + first_weight(LAYER);
        auto begin = [=](int) { return 0.0f; };
        auto weight = [=](int i, int o) { return weights[o * IN + i]; };
        // The derivative of ReLU is 0 where its value is 0.
        auto finish = [=](int i, int s, float sum) {
            float* place = input + i * STRIDE + s;
            *place = *place > 0.0f ? sum : 0.0f;
        };
        product<OUT, IN>(delta, begin, weight, finish);
        __syncthreads();
        backward<LAYER - 1>(block, sums, is_first);
    }
}

// Turns the outputs of a sample to their softmax; returns the logarithm of the sum of exponentials.
__device__ float softmax(float* z) {
    float largest = z[0];
    for (int c = 1; c < OUTPUTS; c++) largest = fmaxf(largest, z[c * STRIDE]);
    float sum = 0.0f;
    for (int c = 0; c < OUTPUTS; c++) {
        float term = expf(z[c * STRIDE] - largest);
        z[c * STRIDE] = term;
        sum += term;
    }
    float factor = 1.0f / sum;
    for (int c = 0; c < OUTPUTS; c++) z[c * STRIDE] *= factor;
    return largest + logf(sum);
}

// What the losses need to know of the samples.
struct Truth {
    unsigned stage;
    // (samples,)
    const unsigned* labels;
    // (samples, outputs); for GIVEN in the order of the batch.
    const float* values;
    // Soft Dice: slopes everywhere, then those in addition where a class is true, (2, outputs).
    const float* slopes;
    // What a sample counts in the derivatives.
    float scale;
    // Huber's.
    float threshold;
};

// Turns the outputs of a sample to the derivatives by them; returns its loss, unscaled.
__device__ float derivatives(const Truth& truth, float* z, unsigned row, unsigned place) {
    switch (truth.stage) {
    case CROSS_ENTROPY: {
        float* of_label = z + truth.labels[row] * STRIDE;
        float output = *of_label;
        float logarithm = softmax(z);
        for (int c = 0; c < OUTPUTS; c++) z[c * STRIDE] *= truth.scale;
        *of_label -= truth.scale;
        return logarithm - output;
    }
    case DICE: {
        softmax(z);
        unsigned label = truth.labels[row];
        float of_label = truth.slopes[OUTPUTS + label] * z[label * STRIDE];
        float mean = of_label;
        for (int c = 0; c < OUTPUTS; c++) mean = fmaf(truth.slopes[c], z[c * STRIDE], mean);
        for (int c = 0; c < OUTPUTS; c++) z[c * STRIDE] *= truth.slopes[c] - mean;
        z[label * STRIDE] += of_label;
        return 0.0f;
    }
    case GIVEN:
        for (int c = 0; c < OUTPUTS; c++) z[c * STRIDE] = truth.values[size_t(place) * OUTPUTS + c];
        return 0.0f;
    default: {
        float loss = 0.0f;
        for (int c = 0; c < OUTPUTS; c++) {
            float difference = z[c * STRIDE] - truth.values[size_t(row) * OUTPUTS + c];
            float slope;
            if (truth.stage == SQUARED) {
                slope = 2.0f * difference;
                loss += difference * difference;
            } else if (truth.stage == HUBER) {
                // In this form NaN stays NaN.
                slope = difference > truth.threshold    ? truth.threshold
                        : difference < -truth.threshold ? -truth.threshold
                                                        : difference;
                loss += slope * (difference - 0.5f * slope);
            } else {
                slope = float(difference > 0.0f) - float(difference < 0.0f);
                loss += fabsf(difference);
            }
            z[c * STRIDE] = slope * truth.scale;
        }
        return loss;
    }
    }
}

// Writes to partials (blocks, PARAMETERS + 1) the gradient of the block's tiles, and behind it their loss, unscaled.
extern "C" __global__ void __launch_bounds__(THREADS) gradient(
    const float* parameters, const float* features, const unsigned* rows, unsigned runs, unsigned size, unsigned stage,
    const unsigned* labels, const float* values, const float* slopes, float scale, float threshold, float* scratch,
    float* partials) {
    Block block(parameters, scratch);
    Batch batch{rows, runs, size};
    Truth truth{stage, labels, values, slopes, scale, threshold};
    float* partial = partials + size_t(blockIdx.x) * (PARAMETERS + 1);
    float* sums = SUMS_SHARED ? shared + AT_SUMS : partial;
    float loss = 0.0f;
    for (unsigned tile = blockIdx.x; tile < batch.tiles(); tile += gridDim.x) {
        load(block, batch, tile, features);
        forward<0>(block);
        if (threadIdx.x < TILE) {
            unsigned s = threadIdx.x, place = tile * TILE + s;
            float* z = block.outputs() + s;
            if (place < size) {
                loss += derivatives(truth, z, block.rows[s], place);
            } else {
                for (int c = 0; c < OUTPUTS; c++) z[c * STRIDE] = 0.0f;
            }
        }
        __syncthreads();
        backward<LAYERS - 1>(block, sums, tile == blockIdx.x);
    }
    shared[AT_LOSSES + threadIdx.x] = loss;
    __syncthreads();
    if (SUMS_SHARED) {
        for (int i = threadIdx.x; i < PARAMETERS; i += THREADS) partial[i] = sums[i];
    }
    if (threadIdx.x == 0) {
        double total = 0.0;
        for (int s = 0; s < TILE; s++) total += shared[AT_LOSSES + s];
        partial[PARAMETERS] = float(total);
    }
}

// Writes to partials (blocks, 3, OUTPUTS) the sums of soft Dice over the block's tiles: Σ ŷ y, Σ ŷ, Σ y of each class.
extern "C" __global__ void __launch_bounds__(THREADS) dice_sums(
    const float* parameters, const float* features, const unsigned* rows, unsigned runs, unsigned size,
    const unsigned* labels, float* scratch, float* partials) {
    Block block(parameters, scratch);
    Batch batch{rows, runs, size};
    float* partial = partials + size_t(blockIdx.x) * (3 * OUTPUTS);
    for (unsigned tile = blockIdx.x; tile < batch.tiles(); tile += gridDim.x) {
        load(block, batch, tile, features);
        forward<0>(block);
        if (threadIdx.x < TILE) softmax(block.outputs() + threadIdx.x);
        __syncthreads();
        for (int c = threadIdx.x; c < OUTPUTS; c += THREADS) {
            float overlap = 0.0f, predicted = 0.0f, support = 0.0f;
            for (unsigned s = 0; s < TILE && tile * TILE + s < size; s++) {
                float probability = block.outputs()[c * STRIDE + s];
                bool is_true = labels[block.rows[s]] == unsigned(c);
                predicted += probability;
                overlap += is_true ? probability : 0.0f;
                support += is_true ? 1.0f : 0.0f;
            }
            bool is_first = tile == blockIdx.x;
            partial[c] = is_first ? overlap : partial[c] + overlap;
            partial[OUTPUTS + c] = is_first ? predicted : partial[OUTPUTS + c] + predicted;
            partial[2 * OUTPUTS + c] = is_first ? support : partial[2 * OUTPUTS + c] + support;
        }
    }
}

// Writes the best class of each sample to `classes`, or its softmax or its outputs to `values`, in the order of the batch.
extern "C" __global__ void __launch_bounds__(THREADS) outputs(
    const float* parameters, const float* features, const unsigned* rows, unsigned runs, unsigned size, unsigned kind,
    unsigned* classes, float* values, float* scratch) {
    Block block(parameters, scratch);
    Batch batch{rows, runs, size};
    for (unsigned tile = blockIdx.x; tile < batch.tiles(); tile += gridDim.x) {
        load(block, batch, tile, features);
        forward<0>(block);
        if (kind == CLASSES) {
            unsigned place = tile * TILE + threadIdx.x;
            if (threadIdx.x < TILE && place < size) {
                const float* z = block.outputs() + threadIdx.x;
                float largest = z[0];
                unsigned best = 0;
                for (int c = 1; c < OUTPUTS; c++) {
                    if (z[c * STRIDE] > largest) {
                        largest = z[c * STRIDE];
                        best = c;
                    }
                }
                classes[place] = best;
            }
            continue;
        }
        if (kind == PROBABILITIES) {
            if (threadIdx.x < TILE) softmax(block.outputs() + threadIdx.x);
            __syncthreads();
        }
        for (int at = threadIdx.x; at < TILE * OUTPUTS; at += THREADS) {
            unsigned s = at / OUTPUTS, c = at % OUTPUTS, place = tile * TILE + s;
            if (place < size) values[size_t(place) * OUTPUTS + c] = block.outputs()[c * STRIDE + s];
        }
    }
}

// Threads of a block of `add_up`, and how many of them share a column.
constexpr int ADDERS = 256, SHARES = 8;

// Adds the terms (terms, columns) of each column: a share takes every eighth term, and the shares are added in order.
extern "C" __global__ void __launch_bounds__(ADDERS) add_up(
    const float* partials, unsigned terms, unsigned columns, float* sums) {
    double* of_shares = reinterpret_cast<double*>(shared);
    constexpr unsigned WIDTH = ADDERS / SHARES;
    unsigned lane = threadIdx.x % WIDTH, share = threadIdx.x / WIDTH;
    unsigned column = blockIdx.x * WIDTH + lane;
    double sum = 0.0;
    if (column < columns) {
        for (unsigned term = share; term < terms; term += SHARES) sum += partials[size_t(term) * columns + column];
    }
    of_shares[threadIdx.x] = sum;
    __syncthreads();
    if (share == 0 && column < columns) {
        for (int other = 1; other < SHARES; other++) sum += of_shares[other * WIDTH + lane];
        sums[column] = float(sum);
    }
}
