#include "api/health_watch.h"

#include <chrono>
#include <fstream>

#include <sys/statvfs.h>
#include <unistd.h>

#include "api/access.h"
#include "host/host.h"
#include "sender/smtp.h"

namespace winback::api {
namespace {

constexpr double queue_full_share = 0.8;
constexpr std::uint64_t queue_inputs_max = 20'000;  // As HostOptions has it by default.
constexpr Duration growth_span_min = minutes(10);   // Shorter ones say nothing of a disk.

std::uint64_t free_bytes(const std::string& folder) {
    struct statvfs disk {};
    return statvfs(folder.c_str(), &disk) == 0 ? std::uint64_t{disk.f_bavail} * disk.f_frsize : 0;
}

// Of the whole process, in memory now; 0 where the system does not say.
std::uint64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t all = 0;
    std::uint64_t resident = 0;
    file >> all >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::int64_t whole(std::uint64_t number) {
    return static_cast<std::int64_t>(number);
}

}  // namespace

HealthWatch::HealthWatch(Desk& desk) : desk_(desk), started_(wall_clock()) {
    if (desk.options().threads > 0) {
        thread_ = std::thread([this] { run(); });
    }
}

HealthWatch::~HealthWatch() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stopped_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void HealthWatch::watch_sender(std::shared_ptr<sender::Sender> sender) {
    const std::lock_guard lock(mutex_);
    sender_ = std::move(sender);
}

void HealthWatch::run() {
    for (;;) {
        look(wall_clock());
        std::unique_lock lock(mutex_);
        if (stopped_.wait_for(lock, std::chrono::milliseconds(look_every.ms),
                              [this] { return stopping_; })) {
            return;
        }
    }
}

void HealthWatch::look(Timestamp now) {
    const host::Health health = desk_.host().health();
    const std::lock_guard lock(mutex_);
    const Sample sample{.at = now, .inputs = health.inputs, .disk_bytes = health.disk_bytes};
    recent_.push_back(sample);
    while (recent_.size() > 2 && now - recent_[1].at >= minutes(1)) {
        recent_.pop_front();
    }
    if (minutes_.empty() || now - minutes_.back().at >= minutes(1)) {
        minutes_.push_back(sample);
        while (minutes_.size() > minutes_kept + 1) {
            minutes_.pop_front();
        }
    }
    compare(health, now);
}

void HealthWatch::compare(const host::Health& health, Timestamp now) {
    std::string error;
    if (const auto* smtp = dynamic_cast<const sender::SmtpSender*>(sender_.get())) {
        error = smtp->status().last_error;
    }
    state(!error.empty(), sender_down_, now, "sender", error);
    state(static_cast<double>(health.queue_max) >=
              queue_full_share * static_cast<double>(queue_inputs_max),
          queue_full_, now, "queue", std::to_string(health.queue_max));
    const std::uint64_t left = free_bytes(desk_.host().store().folder());
    state(left < disk_low_bytes, disk_low_, now, "disk", std::to_string(left));
    state(health.lag_inputs > lag_high_inputs, lag_high_, now, "lag",
          std::to_string(health.lag_inputs));
    for (; quarantined_ < health.quarantined.size(); ++quarantined_) {
        const host::Quarantined& input = health.quarantined[quarantined_];
        notice(now, "quarantine",
               std::to_string(input.shard) + "/" + std::to_string(input.sequence));
    }
}

void HealthWatch::state(
    bool now_so, bool& was_so, Timestamp at, std::string_view kind, std::string detail) {
    if (now_so != was_so) {
        was_so = now_so;
        notice(at, std::string(kind) + (now_so ? "_bad" : "_good"),
               now_so ? std::move(detail) : std::string());
    }
}

void HealthWatch::notice(Timestamp at, std::string kind, std::string detail) {
    notices_.push_front({at, std::move(kind), std::move(detail)});
    if (notices_.size() > notices_kept) {
        notices_.pop_back();
    }
}

ValueMap HealthWatch::disk_value(std::uint64_t disk_bytes) const {
    const std::uint64_t left = free_bytes(desk_.host().store().folder());
    ValueMap disk;
    disk.set("bytes", whole(disk_bytes));
    disk.set("free_bytes", whole(left));
    disk.set("low", left < disk_low_bytes);
    Value days_left;
    if (!minutes_.empty() && !recent_.empty()) {
        const Duration span = recent_.back().at - minutes_.front().at;
        const double grown = static_cast<double>(recent_.back().disk_bytes) -
                             static_cast<double>(minutes_.front().disk_bytes);
        if (span >= growth_span_min && grown > 0) {
            const double by_day =
                grown * static_cast<double>(days(1).ms) / static_cast<double>(span.ms);
            days_left = static_cast<double>(left) / by_day;
        }
    }
    disk.set("days_left", days_left);
    return disk;
}

ValueMap HealthWatch::tree() {
    const std::uint64_t disk_bytes = desk_.host().store().stats().disk_bytes;
    const std::lock_guard lock(mutex_);
    ValueMap tree;
    const bool two = recent_.size() >= 2 && recent_.back().at > recent_.front().at;
    tree.set("events_per_second",
             two ? Value(static_cast<double>(recent_.back().inputs - recent_.front().inputs) *
                         1000.0 / static_cast<double>((recent_.back().at - recent_.front().at).ms))
                 : Value());
    ValueList by_minute;
    for (std::size_t i = 1; i < minutes_.size(); ++i) {
        ValueMap minute;
        minute.set("at", minutes_[i].at);
        minute.set("inputs", whole(minutes_[i].inputs - minutes_[i - 1].inputs));
        by_minute.emplace_back(std::move(minute));
    }
    tree.set("minutes", std::move(by_minute));
    tree.set("disk", disk_value(disk_bytes));
    tree.set("process_bytes", whole(resident_bytes()));
    ValueMap mail;
    const auto* smtp = dynamic_cast<const sender::SmtpSender*>(sender_.get());
    mail.set("kind", smtp != nullptr ? "smtp" : sender_ != nullptr ? "preview" : "none");
    if (smtp != nullptr) {
        const sender::SmtpStatus status = smtp->status();
        mail.set("connections", status.connections);
        mail.set("waiting", whole(status.waiting));
        mail.set("last_error", status.last_error);
    }
    tree.set("sender", std::move(mail));
    ValueList notices;
    for (const Notice& one : notices_) {
        ValueMap map;
        map.set("at", one.at);
        map.set("kind", one.kind);
        map.set("detail", one.detail);
        notices.emplace_back(std::move(map));
    }
    tree.set("notices", std::move(notices));
    tree.set("version", WINBACK_VERSION);
    tree.set("started_at", started_);
    return tree;
}

}  // namespace winback::api
