#include "engine/customer_copy.h"

#include "base/check.h"
#include "engine/shard_state.h"

namespace winback::engine {
namespace {

constexpr int starts_max = 3;
constexpr std::uint64_t table_work = 50'000;  // At least; so that the clock is looked at.

}  // namespace

void CustomerCopy::begin(const Shard& shard) {
    copy_ = std::make_unique<Shard>(shard.impl_->id, shard.impl_->shard_count);
    sequence_ = shard.sequence_of(customer_);
    tables_ = 0;
    starts_ += 1;
    copy_->impl_->models = shard.impl_->models;
    copy_->impl_->customers.plan_fields(shard.customers().fields());
    definitions_ = shard.definitions();
    std::string row;
    shard.encode_customer(customer_, row);
    const Status loaded = copy_->load_customer(shard.customers().id(customer_), row);
    WINBACK_CHECK(loaded.has_value());  // Our own bytes.
}

bool CustomerCopy::take(const Shard& shard, expr::Interrupt& interrupt) {
    const bool changed = copy_ == nullptr || shard.sequence_of(customer_) != sequence_ ||
                         shard.definitions() != definitions_;
    if (copy_ == nullptr || (changed && starts_ < starts_max)) {
        begin(shard);
    }
    const customer::Customers& customers = shard.customers();
    do {
        if (tables_ < customers.table_count()) {
            customers.copy_history(customer_, tables_++, copy_->impl_->customers, 0);
        }
    } while (tables_ < customers.table_count() && !interrupt.after(table_work));
    return tables_ >= customers.table_count();
}

std::unique_ptr<Shard> CustomerCopy::open() {
    Shard::Impl& impl = *copy_->impl_;
    impl.customers.finish_histories();
    if (definitions_ != nullptr) {
        impl.versions[0] = std::make_unique<Loaded>(definitions_);
        impl.current = impl.versions[0].get();
    }
    copy_->finish_load();
    return std::move(copy_);
}

}  // namespace winback::engine
