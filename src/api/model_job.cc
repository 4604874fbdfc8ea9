#include "api/model_job.h"

#include <algorithm>

#include "api/desk.h"
#include "host/host.h"

namespace winback::api {

ModelJob::ModelJob(Desk& desk) : desk_(desk) {}

ModelJob::~ModelJob() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

bool ModelJob::start() {
    {
        const std::lock_guard lock(mutex_);
        if (running_) {
            return false;
        }
        running_ = true;
        step_ = host::FitStep::Reading;
        share_ = 0;
        error_.reset();
        if (thread_.joinable()) {
            thread_.join();  // It has ended: it no longer runs.
        }
        if (desk_.options().threads > 0) {
            thread_ = std::thread([this] { run(); });
            return true;
        }
    }
    run();
    return true;
}

void ModelJob::run() {
    give_way();
    const host::FitProgress progress = [this](host::FitStep step, double share) {
        const std::lock_guard lock(mutex_);
        step_ = step;
        share_ = share;
    };
    host::Host& host = desk_.host();
    const host::OrderList orders = host::orders_of(host, progress);
    // Today is not over. Data that ends earlier, as an import does, is fitted until its end.
    const auto yesterday = static_cast<std::int32_t>(host.now().ms / days(1).ms) - 1;
    const Status fitted =
        host::refit(host, orders, std::min(yesterday, orders.last_day), "button", progress);
    const std::lock_guard lock(mutex_);
    running_ = false;
    if (!fitted.has_value()) {
        error_ = fitted.error().message;
    }
}

ValueMap ModelJob::state() const {
    const std::lock_guard lock(mutex_);
    ValueMap map;
    map.set("running", running_);
    map.set("step", running_ ? Value(host::fit_step_name(step_)) : Value());
    map.set("share",
            running_ ? Value((static_cast<double>(step_) + share_) / double{host::fit_step_count})
                     : Value());
    map.set("error", error_.has_value() ? Value(*error_) : Value());
    return map;
}

}  // namespace winback::api
