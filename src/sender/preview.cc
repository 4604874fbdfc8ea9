#include "sender/preview.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "sender/mime.h"

namespace winback::sender {
namespace {

class PreviewSender final : public Sender {
public:
    explicit PreviewSender(std::size_t queue_max)
        : queue_max_(queue_max), thread_([this] { work(); }) {}
    ~PreviewSender() override { PreviewSender::stop(); }

    bool try_submit(Outgoing& outgoing, OutcomeCallback& callback) override {
        const std::lock_guard lock(mutex_);
        if (stopped_ || outstanding_ >= queue_max_) {
            return false;
        }
        push(std::move(outgoing), std::move(callback));
        return true;
    }

    bool submit(Outgoing outgoing, OutcomeCallback callback) override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopped_ || outstanding_ < queue_max_; });
        if (stopped_) {
            return false;
        }
        push(std::move(outgoing), std::move(callback));
        return true;
    }

    void drain() override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return outstanding_ == 0; });
    }

    void stop() override {
        {
            const std::lock_guard lock(mutex_);
            stopped_ = true;
        }
        changed_.notify_all();
        const std::lock_guard lock(join_mutex_);
        if (thread_.joinable()) {
            thread_.join();
        }
    }

private:
    using Item = std::pair<Outgoing, OutcomeCallback>;

    void push(Outgoing outgoing, OutcomeCallback callback) {
        ++outstanding_;
        queue_.emplace_back(std::move(outgoing), std::move(callback));
        changed_.notify_all();
    }

    void work() {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
            if (queue_.empty()) {
                return;
            }
            std::deque<Item> batch = std::exchange(queue_, {});
            lock.unlock();
            for (const auto& [outgoing, callback] : batch) {
                const auto composed = compose(outgoing.mail);
                Outcome outcome{.kind = OutcomeKind::Previewed};
                if (!composed) {
                    outcome.kind = OutcomeKind::Refused;
                    outcome.text = composed.error().message;
                }
                callback(outcome);
            }
            lock.lock();
            outstanding_ -= batch.size();
            changed_.notify_all();
        }
    }

    const std::size_t queue_max_;
    std::mutex mutex_;
    std::mutex join_mutex_;
    std::condition_variable changed_;
    std::deque<Item> queue_;
    std::size_t outstanding_ = 0;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace

std::unique_ptr<Sender> make_preview_sender(std::size_t queue_max) {
    return std::make_unique<PreviewSender>(queue_max);
}

}  // namespace winback::sender
