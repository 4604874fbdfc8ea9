// What wants to hear of the engine's effects in order to carry them to other programs.
//
// It is asked while a batch is gathered, so that what it will tell becomes durable together with
// what it tells of, or not at all. Implemented by webhook::Courier.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "engine/effect.h"
#include "engine/input.h"
#include "engine/shard.h"
#include "store/store.h"

namespace winback::host {

class Outbound {
public:
    Outbound() = default;
    Outbound(const Outbound&) = delete;
    Outbound& operator=(const Outbound&) = delete;
    virtual ~Outbound() = default;

    // Once, before anything else is called. The store outlives stop().
    virtual Status open(store::Store& store) = 0;

    // On workers' threads, also beside each other; must not block. What is returned is called
    // once the batch is durable; it may be empty.
    virtual std::function<void()> gather(const engine::Input& input,
                                         const engine::Effects& effects,
                                         const engine::Shard& shard,
                                         store::Batch& batch) = 0;
    // Everything about these customers goes in the batch that erases them.
    virtual void forget(const std::vector<std::string>& customers, store::Batch& batch) = 0;

    // Something that no input told: "playbook.loaded". Any thread.
    virtual void announce(std::string_view type, ValueMap data) = 0;

    virtual void stop() = 0;
};

}  // namespace winback::host
