// Times our Liquid on the templates of a suite: one JSON line per template on standard output.
//
// Templates are the cases whose name begins with "bench_". Each is parsed and rendered for about
// as long as --milliseconds says; the figure is the best of several batches. Allocations are
// counted by replacing the global operator new, so they are those of the whole render.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <new>
#include <string>

#include <nlohmann/json.hpp>

#include "conformance/json_value.h"
#include "template/program.h"
#include "template/template.h"

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

void* operator new(std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* place = std::malloc(size)) {
        return place;
    }
    throw std::bad_alloc();
}
void operator delete(void* place) noexcept {
    std::free(place);
}
void operator delete(void* place, std::size_t) noexcept {
    std::free(place);
}

namespace {

using winback::ValueMap;
using winback::conformance::Json;
using Clock = std::chrono::steady_clock;

// The best microseconds per call among batches that fill `milliseconds`.
template <class Work>
double best_us(int milliseconds, const Work& work) {
    const auto batch = [&](int calls) {
        const auto start = Clock::now();
        for (int i = 0; i < calls; ++i) {
            work();
        }
        return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
    };
    int calls = 1;
    double spent = batch(calls);
    while (spent < 2000 && calls < 1'000'000) {
        calls *= 2;
        spent = batch(calls);
    }
    double best = spent / calls;
    const auto end = Clock::now() + std::chrono::milliseconds(milliseconds);
    while (Clock::now() < end) {
        best = std::min(best, batch(calls) / calls);
    }
    return best;
}

std::size_t output_nodes(const winback::liquid::Program& program) {
    return static_cast<std::size_t>(
        std::count_if(program.nodes.begin(), program.nodes.end(),
                      [](const auto& node) { return node.op == winback::liquid::Op::Print; }));
}

bool measure(const Json& test, int milliseconds) {
    using namespace winback::liquid;
    ParseOptions parsing;
    parsing.checks_filters = false;
    Snippets snippets;
    const Json files = test.value("filesystem", Json::object());
    for (const auto& [name, source] : files.items()) {
        snippets.add(name, parse(source.get<std::string>(), parsing));
    }
    const auto source = test["template"].get<std::string>();
    const Parsed parsed = parse(source, parsing);
    if (parsed.program == nullptr) {
        std::fprintf(stderr, "%s\n", parsed.diagnostics.at(0).message.c_str());
        return false;
    }
    const ValueMap data = winback::conformance::to_map(test.value("environment", Json::object()));
    RenderOptions options;
    options.escape = EscapeMode::None;
    options.now = winback::parse_iso8601("2024-01-01T00:01:58Z").value();
    options.snippets = &snippets;
    std::string out;
    if (const auto error = render(*parsed.program, data, options, out)) {
        std::fprintf(stderr, "%s\n", describe(*error).c_str());
        return false;
    }
    const std::size_t bytes = out.size();
    const auto render_once = [&] {
        out.clear();
        if (render(*parsed.program, data, options, out)) {
            std::abort();
        }
    };
    const std::uint64_t before = allocations.load();
    render_once();
    const std::uint64_t made = allocations.load() - before;
    const double render_us = best_us(milliseconds, render_once);
    const double parse_us = best_us(milliseconds, [&] { parse(source, parsing); });
    const Json line = {
        {"name", test["name"]}, {"bytes", bytes},      {"render_us", render_us},
        {"parse_us", parse_us}, {"allocations", made}, {"outputs", output_nodes(*parsed.program)},
        {"text", out}};
    std::printf("%s\n", winback::conformance::to_text(line).c_str());
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: winback_liquid_bench CASES.jsonl MILLISECONDS\n");
        return 2;
    }
    std::ifstream file(argv[1]);
    bool all = static_cast<bool>(file);
    for (std::string line; std::getline(file, line);) {
        const Json test = Json::parse(line);
        if (test["name"].get<std::string>().starts_with("bench_")) {
            all = measure(test, std::atoi(argv[2])) && all;
        }
    }
    return all ? 0 : 1;
}
