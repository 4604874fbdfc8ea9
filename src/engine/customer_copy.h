// One customer taken out of a shard, to be asked on another thread while the shard goes on.
//
// Taken in pieces, since nobody may keep a shard for long: a customer can have a million events.
#pragma once

#include <memory>
#include <string>

#include "engine/shard.h"
#include "expr/interrupt.h"

namespace winback::engine {

class CustomerCopy {
public:
    // Of whom, in every `take`.
    explicit CustomerCopy(customer::CustomerIndex customer) : customer_(customer) {}

    // On the thread that owns the shard: a piece at least, and no other once it is to be given up.
    // True when the copy is whole. It begins anew when something happened to the customer, or to
    // the definitions, since the last piece; the last time it is taken in one piece.
    bool take(const Shard& shard, expr::Interrupt& interrupt);
    // On any thread, once: a shard with nobody but that customer, whose index is 0. For questions,
    // not for inputs: of its definitions it knows those of today alone. Pre: it is whole.
    std::unique_ptr<Shard> open();

private:
    void begin(const Shard& shard);

    customer::CustomerIndex customer_;
    std::unique_ptr<Shard> copy_;
    std::string id_;
    std::string row_;
    DefinitionsPtr definitions_;
    std::uint64_t sequence_ = 0;  // Of the customer when it began.
    std::size_t table_ = 0;       // That is being taken,
    std::uint32_t events_ = 0;    // and so many of its events were.
    int starts_ = 0;
};

}  // namespace winback::engine
