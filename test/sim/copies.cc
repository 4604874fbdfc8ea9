// Copies of one customer, which other threads ask.
#include "engine/customer_copy.h"
#include "engine/scores.h"
#include "expr/test_interrupt.h"
#include "sim/auditor.h"

namespace winback::sim {

using namespace engine;

namespace {

// Piece by piece.
std::unique_ptr<Shard> copy_of(const Shard& shard, customer::CustomerIndex customer) {
    CustomerCopy copy(customer);
    for (expr::TestInterrupt at_once(0); !copy.take(shard, at_once);) {
    }
    return copy.open();
}

}  // namespace

// Somebody else each time: a copy is the same customer, and answers as the shard does.
void Auditor::audit_copy(const Shard& shard) {
    const customer::Customers& customers = shard.customers();
    if (definitions_ == nullptr || customers.size() == 0) {
        return;
    }
    const auto c = static_cast<customer::CustomerIndex>(audits_ % customers.size());
    const std::unique_ptr<Shard> alone = copy_of(shard, c);
    std::string row;
    std::string copied;
    shard.encode_customer(c, row);
    alone->encode_customer(0, copied);
    bool same = alone->customers().size() == 1 && row == copied;
    for (const std::string_view score : score_names) {
        same =
            same && shard.score(c, score, cluster_.now()) == alone->score(0, score, cluster_.now());
    }
    if (!same) {
        fail("copy: " + std::string(customers.id(c)) + " is another customer");
    }
    for (const segment::Segment& segment : definitions_->segments) {
        const auto holds = [&](const Shard& asked, customer::CustomerIndex index) {
            return asked.query(segment.condition, definitions_->symbols)
                ->holds(index, cluster_.now());
        };
        std::vector<std::uint64_t> marks = alone->customers().present(0, 1);
        const bool present = marks[0] == 1;
        alone->query(segment.condition, definitions_->symbols)->narrow(0, marks, cluster_.now());
        const bool expected = holds(shard, c);
        if (expected != holds(*alone, 0) || (present && expected != (marks[0] == 1))) {
            fail("copy: " + segment.condition.text + " errs about " + std::string(customers.id(c)));
        }
    }
}

}  // namespace winback::sim
