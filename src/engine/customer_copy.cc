#include "engine/customer_copy.h"

#include "base/check.h"
#include "engine/shard_state.h"

namespace winback::engine {
namespace {

constexpr int starts_max = 10;
constexpr std::size_t piece_bytes = 200'000;
constexpr std::uint64_t piece_work = 100'000;

}  // namespace

void CustomerCopy::begin(const Shard& shard) {
    copy_ = std::make_unique<Shard>(shard.impl_->id, shard.impl_->shard_count);
    sequence_ = shard.sequence_of(customer_);
    definitions_ = shard.definitions();
    table_ = 0;
    events_ = 0;
    starts_ += 1;
    copy_->impl_->models = shard.impl_->models;
    copy_->impl_->customers.plan_fields(shard.customers().fields());
    id_ = shard.customers().id(customer_);
    row_.clear();
    shard.encode_customer(customer_, row_);
}

bool CustomerCopy::take(const Shard& shard, expr::Interrupt& interrupt) {
    if (copy_ == nullptr || shard.sequence_of(customer_) != sequence_ ||
        shard.definitions() != definitions_) {
        begin(shard);
    }
    const customer::Customers& customers = shard.customers();
    const bool in_one_piece = starts_ >= starts_max;
    while (table_ < customers.table_count()) {
        const std::optional<std::uint32_t> next = customers.copy_history(
            customer_, table_, events_, piece_bytes, copy_->impl_->customers);
        table_ += next ? 0U : 1U;
        events_ = next.value_or(0);
        if (interrupt.after(next ? piece_work : 0) && !in_one_piece) {
            return false;  // Perhaps at its end, which the next piece finds.
        }
    }
    return true;
}

std::unique_ptr<Shard> CustomerCopy::open() {
    Shard::Impl& impl = *copy_->impl_;
    const Status loaded = copy_->load_customer(id_, row_);
    WINBACK_CHECK(loaded.has_value());  // Our own bytes.
    impl.customers.finish_histories();
    if (definitions_ != nullptr) {
        impl.versions[0] = std::make_unique<Loaded>(definitions_);
        impl.current = impl.versions[0].get();
    }
    copy_->finish_load();
    return std::move(copy_);
}

}  // namespace winback::engine
