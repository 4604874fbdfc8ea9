#include "customer/base_columns.h"

#include "customer/impl.h"

namespace winback::customer {
namespace {

// The attribute that decides a derived trait alone when it is a text.
std::string_view deciding_attribute(Derived derived) {
    return derived == Derived::Country    ? "country"
           : derived == Derived::Language ? "language"
           : derived == Derived::TimeZone ? "timezone"
                                          : "";
}

}  // namespace

std::vector<const EventTable*> BaseColumns::tables(const std::vector<std::string>& patterns) const {
    return customers_.impl_->history.select(patterns);
}

BaseColumns::Trait BaseColumns::trait(const std::string& name) const {
    const Customers::Impl& shard = *customers_.impl_;
    Trait trait{.name = name, .source = shard.trait_source(name)};
    if (trait.source.kind == TraitSource::Kind::Attribute) {
        trait.column = shard.attributes.plain_column(trait.source.attribute);
    } else if (trait.source.kind == TraitSource::Kind::Derived) {
        if (const auto attribute =
                shard.attributes.find(deciding_attribute(trait.source.derived))) {
            trait.column = shard.attributes.plain_column(*attribute);
            trait.by_text = true;
        }
    }
    return trait;
}

Value BaseColumns::value(CustomerIndex customer, const Trait& trait) const {
    return customers_.impl_->trait(customer, trait.source, trait.name);
}

expr::ConsentState BaseColumns::consent(CustomerIndex customer, std::string_view channel) const {
    const std::optional<Channel> known = parse_channel(channel);
    return known ? customers_.impl_->consents.newest_state(customer, *known)
                 : expr::ConsentState::Unset;
}

}  // namespace winback::customer
