// The made-up base in the memory of shards, with the questions asked of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base.h"
#include "base/prng.h"
#include "customer/traits.h"
#include "engine/shard.h"
#include "expr/condition.h"

namespace winback::segments {

struct Question {
    std::string name;
    expr::Symbols symbols;
    expr::Condition condition;
};

class Shards {
public:
    struct Time {
        double seconds = 0;  // From the first start to the last end.
        double cpu = 0;      // Of all threads.
    };

    // One thread for each shard.
    Shards(const BaseOptions& options, unsigned threads);

    void load(const customer::FieldPlan& plan);
    // From now on so many events a second arrive while customers are counted, of customers at
    // random, and the engine keeps these segments up to date.
    void let_arrive(double each_second, const std::vector<Question>& segments);
    std::uint64_t count(const Question& question, Time& taken);
    // What the columns that a condition reads have in bytes.
    std::size_t column_bytes(const Question& question) const;
    // Reads so many bytes of memory, each thread its share, from one end to the other: nothing
    // that looks at all of them can be faster.
    Time read_memory(std::size_t bytes);
    std::vector<customer::MemoryPart> memory_parts() const;
    std::uint64_t arrived() const;

private:
    // The course of one shard.
    struct Course {
        Prng random{0};
        std::uint64_t inputs = 0;
        std::uint64_t arrived = 0;
        Timestamp now;
        engine::Effects effects;
    };

    template <class Work>
    Time time(Work work);
    void load_shard(unsigned shard, const customer::FieldPlan& plan);
    void step(std::size_t shard, decltype(engine::Input::body) body);
    void take_one(std::size_t shard);

    BaseOptions options_;
    std::vector<std::unique_ptr<engine::Shard>> shards_;
    std::vector<Course> courses_;
    double rate_ = 0;  // Events a second of each shard.
    std::vector<std::uint64_t> memory_;
};

}  // namespace winback::segments
