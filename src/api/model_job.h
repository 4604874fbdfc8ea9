// Fits the models in the background when somebody asks, one fit at a time.
//
// The present models stay in force while it runs, and when it fails. Every attempt leaves a row of
// history (host/fits.h).
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/value.h"
#include "host/fitting.h"

namespace winback::api {

class Desk;

class ModelJob {
public:
    // The desk must outlive the job.
    explicit ModelJob(Desk& desk);
    ~ModelJob();  // Waits for a fit that runs: it takes seconds.
    ModelJob(const ModelJob&) = delete;
    ModelJob& operator=(const ModelJob&) = delete;

    // False when one runs already. A desk without threads fits inside the call.
    bool start();

    // {running, step, share, error}: step and share of one that runs, error of the last one.
    ValueMap state() const;

private:
    void run();

    Desk& desk_;
    mutable std::mutex mutex_;
    bool running_ = false;
    host::FitStep step_ = host::FitStep::Reading;
    double share_ = 0;
    std::optional<std::string> error_;
    std::thread thread_;
};

// {models, job, fits}: what decisions use, what is under way, and the history, oldest first.
// docs/design/api.md names the keys.
ValueMap describe_models(Desk& desk);

}  // namespace winback::api
