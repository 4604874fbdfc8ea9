#include <benchmark/benchmark.h>

#include "expr/condition.h"
#include "expr/test_facts.h"

// Ratios to the reference loop of the same run count, not nanoseconds.
namespace winback::expr {
namespace {

// Views made beforehand, as the columns of a shard give them.
class BenchFacts final : public Facts {
public:
    BenchFacts(const Symbols& symbols, const Zone& zone) : zone_(zone) {
        for (int i = 0; i < 20; ++i) {
            times_.push_back(now() - days(7 * (20 - i)));
        }
        for (const EventSet& set : symbols.event_sets) {
            fields_ = std::max(fields_, set.fields.size());
        }
        for (std::size_t i = 0; i < fields_ * times_.size(); ++i) {
            Cell cell;
            cell.kind = Cell::Kind::Double;
            cell.real = static_cast<double>(i);
            cells_.push_back(cell);
        }
    }
    Timestamp now() const override { return Timestamp{1'775'000'000'000}; }
    const Zone& zone() const override { return zone_; }
    Value trait(TraitId id) const override {
        return id == 0 ? Value(std::int64_t{12}) : Value("gold");
    }
    EventView events(EventSetId) const override { return {times_, cells_}; }
    std::span<const Timestamp> sent(std::string_view) const override { return times_; }
    ConsentState consent(std::string_view) const override { return ConsentState::Granted; }
    std::vector<ConsentChange> consent_changes(std::string_view) const override { return {}; }
    bool in_segment(SegmentId) const override { return true; }
    Value score(ScoreId) const override { return 0.5; }

private:
    const Zone& zone_;
    std::vector<Timestamp> times_;
    std::vector<Cell> cells_;
    std::size_t fields_ = 0;
};

constexpr const char* conditions[] = {
    "user.orders > 10",
    "user.orders > 10 && user.orders < 20 && user.orders != 13",
    "user.orders > 10 && user.plan == \"gold\"",
    "ev(\"a\").count() >= 3",
    "ev(\"a\").since_last() > dur(\"36h\")",
    "ev(\"a\").since_last() > dur(\"30d\")",
    "ev(\"a\").within(\"90d\").count() >= 3",
    "ev(\"a\").within(\"90d\").sum(\"total\") > 100.0",
    "ev(\"a\").within(\"6mo\").where(e, e.total > 3).none()",
    "ev(\"a\").count() >= 3 && ev(\"a\").since_last() > ev(\"a\").median_gap() * 3",
};

void evaluates(benchmark::State& state) {
    const char* text = conditions[state.range(0)];
    Symbols symbols;
    symbols.trait("orders");
    const Condition condition = *compile(text, {}, symbols).condition;
    const BenchFacts facts(symbols, *find_zone("Europe/London").value());
    for (auto _ : state) {
        benchmark::DoNotOptimize(evaluate(condition, facts));
    }
    state.SetLabel(text);
}
BENCHMARK(evaluates)->DenseRange(0, std::size(conditions) - 1);

void compiles(benchmark::State& state) {
    for (auto _ : state) {
        Symbols symbols;
        benchmark::DoNotOptimize(compile(conditions[8], {}, symbols));
    }
}
BENCHMARK(compiles);

// A hundred dependent multiplications and additions of whole numbers.
void reference(benchmark::State& state) {
    std::uint64_t x = 1;
    for (auto _ : state) {
        for (int i = 0; i < 100; ++i) {
            x = x * 6364136223846793005ULL + 1442695040888963407ULL;
            benchmark::DoNotOptimize(x);
        }
    }
}
BENCHMARK(reference);

}  // namespace
}  // namespace winback::expr
