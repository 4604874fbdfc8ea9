// Somebody who keeps something of every customer beside the shards, such as a table to search in.
#pragma once

#include <span>

#include "customer/customers.h"

namespace winback::host {

struct ShardView;

class Watcher {
public:
    virtual ~Watcher() = default;
    // On the worker of the shard, between batches: those who may have changed since the last
    // call, each once; the first call names all. Reads, and is quick. True: call again soon, also
    // when nothing changes.
    virtual bool look(const ShardView& view, std::span<const customer::CustomerIndex> changed) = 0;
};

}  // namespace winback::host
