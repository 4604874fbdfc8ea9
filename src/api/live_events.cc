#include "api/live_events.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "api/access.h"
#include "api/desk.h"
#include "api/json_spans.h"
#include "base/strings.h"
#include "host/host.h"
#include "http/url.h"

namespace winback::api {
namespace {

constexpr std::size_t queue_max = 64;
constexpr std::size_t queue_bytes_max = std::size_t{4} << 20U;
// Whoever asked for the newest events is taken to look on for so long.
constexpr std::int64_t look_seconds = 60;
// While nothing arrives: when those who may not watch any more are sent away.
constexpr std::chrono::seconds look_at_watchers_each{5};

// At most `bytes_max`, of whole characters, and UTF-8 whatever came.
std::string shown(std::string_view text, std::size_t bytes_max) {
    std::string out;
    std::size_t end = std::min(text.size(), bytes_max);
    while (end > 0 && end < text.size() &&
           (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    text = text.substr(0, end);
    if (is_valid_utf8(text)) {
        return std::string(text);
    }
    for (const char c : text) {
        out += static_cast<unsigned char>(c) < 0x80 ? c : '?';
    }
    return out;
}

ValueMap decoded_tree(const event::Event& event) {
    ValueMap tree;
    const auto set = [&tree](const char* name, const std::string& text) {
        if (!text.empty()) {
            tree.set(name, text);
        }
    };
    tree.set("kind", event::event_kind_name(event.kind));
    set("name", event.name);
    set("user_id", event.user_id);
    set("anonymous_id", event.anonymous_id);
    set("previous_id", event.previous_id);
    set("group_id", event.group_id);
    set("message_id", event.message_id);
    tree.set("time", event.time);
    tree.set("surface", event::surface_name(event.surface));
    const bool traits =
        event.kind == event::EventKind::Identify || event.kind == event::EventKind::Group;
    tree.set(traits ? "traits" : "properties", event.properties);
    tree.set("context", event.context);
    return tree;
}

}  // namespace

// What is kept of one event: its tree, and what filters ask for.
struct LiveEvents::Entry {
    std::uint64_t id = 0;
    std::string key;
    std::string kind;
    std::string name;
    std::string customer;
    std::vector<std::string> ids;  // All that the event names somebody by.
    std::vector<EventProblem> problems;
    Timestamp at;
    std::size_t size = 0;
    bool taken = true;
    std::string raw;
    std::string decoded;
    std::size_t raw_size = 0;

    bool fits(const LiveFilter& filter) const {
        const std::string wanted = to_lower_ascii(filter.name);
        return (filter.key.empty() || filter.key == key) &&
               (filter.customer.empty() || filter.customer == customer) &&
               (!filter.problems || needs_look()) &&
               (wanted.empty() || to_lower_ascii(name).find(wanted) != std::string::npos ||
                kind == wanted);
    }
    bool needs_look() const {
        return std::any_of(problems.begin(), problems.end(),
                           [](const EventProblem& problem) { return !problem.is_remark; });
    }
    std::size_t bytes() const {
        std::size_t sum =
            400 + key.size() + name.size() + customer.size() + raw.size() + decoded.size();
        for (const EventProblem& problem : problems) {
            sum += 100 + problem.message.size() + problem.subject.size();
        }
        return sum;
    }
    Value tree() const {
        ValueMap map;
        map.set("id", static_cast<std::int64_t>(id));
        map.set("at", at);
        map.set("key", key);
        map.set("kind", kind);
        map.set("name", name);
        map.set("customer", customer);
        map.set("bytes", static_cast<std::int64_t>(size));
        map.set("taken", taken);
        map.set("raw", raw);
        map.set("raw_cut", raw.size() < raw_size);
        map.set("decoded", decoded.empty() ? Value() : Value(decoded));
        ValueList list;
        for (const EventProblem& problem : problems) {
            ValueMap one;
            one.set("code", problem.code);
            one.set("message", problem.message);
            one.set("subject", problem.subject);
            one.set("remark", problem.is_remark);
            list.emplace_back(std::move(one));
        }
        map.set("problems", std::move(list));
        map.set("needs_look", needs_look());
        return map;
    }
};

Result<LiveFilter> LiveFilter::of(const http::Request& request) {
    LiveFilter filter;
    const auto take = [&request](const char* name, std::string& to) {
        const std::string* value = request.query_value(name);
        to = value == nullptr ? std::string() : *value;
        return to.size() <= live_filter_bytes_max;
    };
    if (!take("key", filter.key) || !take("name", filter.name) ||
        !take("customer", filter.customer)) {
        return Error{ErrorCode::InvalidArgument, "a filter is text of at most 256 bytes"};
    }
    const std::string* problems = request.query_value("problems");
    filter.problems = problems != nullptr && (*problems == "true" || *problems == "1");
    return filter;
}

std::string LiveFilter::query() const {
    http::Pairs pairs;
    for (const auto& [label, value] : {std::pair<const char*, const std::string&>{"key", key},
                                       {"name", name},
                                       {"customer", customer}}) {
        if (!value.empty()) {
            pairs.emplace_back(label, value);
        }
    }
    if (problems) {
        pairs.emplace_back("problems", "true");
    }
    return pairs.empty() ? std::string() : "?" + http::format_query(pairs);
}

LiveEvents::LiveEvents(NameOfKey name_of_key, bool alone, ShopCurrency shop_currency)
    : name_of_key_(std::move(name_of_key)),
      alone_(alone),
      shop_currency_(std::move(shop_currency)) {
    if (!alone_) {
        thread_ = std::thread([this] { run(); });
    }
}

LiveEvents::LiveEvents(Desk& desk)
    : LiveEvents(
          [&host = desk.host()](std::string_view write_key) {
              const auto key = host.keys().find(host::KeyKind::Write, write_key, wall_clock());
              return key ? key->name : std::string();
          },
          desk.options().threads == 0,
          [&host = desk.host()] {
              const engine::DefinitionsPtr definitions = host.definitions();
              return definitions == nullptr ? std::string() : definitions->workspace.currency;
          }) {}

LiveEvents::~LiveEvents() {
    {
        const std::lock_guard lock(queue_mutex_);
        stopping_ = true;
    }
    arrived_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

// Races between threads may let a body more or less through; nothing depends on the number.
bool LiveEvents::takes() {
    const std::int64_t second = wall_clock().ms / 1000;
    if (second_.load(std::memory_order_relaxed) != second) {
        second_.store(second, std::memory_order_relaxed);
        taken_.store(0, std::memory_order_relaxed);
    }
    const bool looked_at = watching_.load(std::memory_order_relaxed) > 0 ||
                           second - asked_at_second_.load(std::memory_order_relaxed) < look_seconds;
    const int most = looked_at ? live_bodies_per_second : live_bodies_per_second_alone;
    return taken_.load(std::memory_order_relaxed) < most &&
           taken_.fetch_add(1, std::memory_order_relaxed) < most;
}

void LiveEvents::offer(Arrival arrival) {
    if (!takes()) {
        pass_over(arrival.events);
        return;
    }
    if (alone_) {
        show(arrival);
        return;
    }
    const std::size_t bytes = arrival.request->body.size();
    {
        const std::lock_guard lock(queue_mutex_);
        if (queue_.size() >= queue_max || queue_bytes_ + bytes > queue_bytes_max) {
            pass_over(arrival.events);
            return;
        }
        queue_bytes_ += bytes;
        queue_.push_back(std::move(arrival));
    }
    arrived_.notify_one();
}

void LiveEvents::run() {
    for (;;) {
        Arrival arrival;
        {
            std::unique_lock lock(queue_mutex_);
            const bool came = arrived_.wait_for(lock, look_at_watchers_each,
                                                [this] { return stopping_ || !queue_.empty(); });
            if (stopping_) {
                return;
            }
            if (!came) {
                lock.unlock();
                const std::lock_guard ring(ring_mutex_);
                drop_watchers_gone();
                continue;
            }
            arrival = std::move(queue_.front());
            queue_.pop_front();
            queue_bytes_ -= arrival.request->body.size();
            forgotten_at_take_ = forgotten_.load();
        }
        show(arrival);
    }
}

void LiveEvents::show(const Arrival& arrival) {
    event::DecodeOptions options;
    options.received = arrival.received;
    options.call = arrival.call;
    if (arrival.refused_code.empty()) {
        if (const auto decoded = decoder_.decode(arrival.request->body, options)) {
            show_events(arrival, *decoded);
            return;
        }
    }
    show_refused(arrival);
}

void LiveEvents::show_refused(const Arrival& arrival) {
    Entry entry;
    entry.at = arrival.received;
    entry.taken = false;
    entry.size = arrival.request->body.size();
    // What a stranger sent is not shown: anybody could fill the page.
    if (!arrival.write_key.empty()) {
        entry.key = name_of_key_(arrival.write_key);
        entry.raw = shown(arrival.request->body, live_raw_bytes_max);
        entry.raw_size = entry.size;
    }
    entry.problems.push_back({arrival.refused_code, arrival.refused_message, ""});
    add(std::move(entry));
}

void LiveEvents::show_events(const Arrival& arrival, const event::Decoded& decoded) {
    const std::string key = name_of_key_(arrival.write_key);
    const std::string currency = shop_currency_ ? shop_currency_() : std::string();
    const std::string_view body = arrival.request->body;
    std::vector<std::string_view> items;
    if (arrival.call.batch) {
        items = list_items(body, "batch");
    } else {
        items.push_back(body);
    }
    const std::size_t count = decoded.events.size() + decoded.rejected.size();
    auto event = decoded.events.begin();
    auto rejection = decoded.rejected.begin();
    for (std::size_t i = 0; i < count; ++i) {
        if (i >= live_events_of_body) {
            pass_over(count - i);
            return;
        }
        Entry entry;
        entry.at = arrival.received;
        entry.key = key;
        const std::string_view raw =
            i < items.size() ? items[i] : (count == 1 ? body : std::string_view());
        entry.size = entry.raw_size = raw.size();
        entry.raw = shown(raw, live_raw_bytes_max);
        if (rejection != decoded.rejected.end() &&
            (rejection->index == i || event == decoded.events.end())) {
            entry.taken = false;
            entry.kind = arrival.call.batch ? "" : event::event_kind_name(arrival.call.kind);
            entry.problems.push_back({rejection->code, rejection->message, ""});
            ++rejection;
        } else if (event != decoded.events.end()) {
            entry.kind = event::event_kind_name(event->kind);
            entry.name = event->name;
            entry.customer = event::customer_key(*event);
            entry.ids = {event->user_id, event->anonymous_id, event->previous_id};
            entry.decoded = to_json(decoded_tree(*event));
            if (entry.decoded.size() > live_decoded_bytes_max) {
                entry.decoded.clear();
            }
            entry.problems =
                problems_.look(*event, member_of(raw, "timestamp"), arrival.received, currency);
            ++event;
        }
        add(std::move(entry));
    }
}

void LiveEvents::add(Entry entry) {
    const std::lock_guard lock(ring_mutex_);
    if (!alone_ && forgotten_at_take_ != forgotten_.load()) {
        pass_over(1);  // It may be about somebody who was erased while it was on its way.
        return;
    }
    entry.id = next_id_++;
    tell(entry);
    ring_bytes_ += entry.bytes();
    ring_.push_back(std::make_shared<const Entry>(std::move(entry)));
    while (ring_.size() > live_events_kept || ring_bytes_ > live_bytes_kept) {
        ring_bytes_ -= ring_.front()->bytes();
        ring_.pop_front();
    }
}

namespace {

std::string stream_event(std::uint64_t id, const Value& tree) {
    std::string text;
    const std::string number = std::to_string(id);
    const std::string data = to_json(tree);
    http::append_event(text, {.id = number, .name = "arrival", .data = data});
    return text;
}

}  // namespace

// Pre: the ring is locked; so for the next two.
void LiveEvents::tell(const Entry& entry) {
    std::string text;
    drop_watchers_gone();
    for (const Watcher& watcher : watchers_) {
        const auto stream = watcher.stream.lock();
        if (stream != nullptr && entry.fits(watcher.filter)) {
            if (text.empty()) {
                text = stream_event(entry.id, entry.tree());
            }
            stream->send(text);
        }
    }
}

void LiveEvents::drop_watchers_gone() {
    const auto gone = std::remove_if(watchers_.begin(), watchers_.end(), [](const Watcher& one) {
        const auto stream = one.stream.lock();
        if (stream != nullptr && one.still_may && !one.still_may()) {
            stream->end();
        }
        return stream == nullptr || !stream->is_open();
    });
    watchers_.erase(gone, watchers_.end());
    watching_.store(static_cast<int>(watchers_.size()), std::memory_order_relaxed);
}

// Oldest first: the newest of them, as many as a client that begins may be behind.
std::vector<LiveEvents::EntryPtr> LiveEvents::since(const LiveFilter& filter,
                                                    std::uint64_t id) const {
    std::vector<EntryPtr> found;
    std::size_t bytes = 0;
    for (auto entry = ring_.rbegin(); entry != ring_.rend() && (*entry)->id > id; ++entry) {
        // Its text, escaped, is at most some twice as large.
        bytes += 2 * (*entry)->bytes();
        if (bytes > live_watcher_bytes_max / 2) {
            break;
        }
        if ((*entry)->fits(filter)) {
            found.push_back(*entry);
        }
    }
    std::reverse(found.begin(), found.end());
    return found;
}

LiveEvents::Page LiveEvents::recent(const LiveFilter& filter, std::size_t limit) {
    asked_at_second_.store(wall_clock().ms / 1000, std::memory_order_relaxed);
    Page page;
    page.missed = missed_.load(std::memory_order_relaxed);
    std::vector<EntryPtr> found;
    {
        const std::lock_guard lock(ring_mutex_);
        page.last = next_id_ - 1;
        for (auto entry = ring_.rbegin(); entry != ring_.rend() && found.size() < limit; ++entry) {
            if ((*entry)->fits(filter)) {
                found.push_back(*entry);
            }
        }
    }
    for (const EntryPtr& entry : found) {
        page.events.push_back(entry->tree());
    }
    return page;
}

void LiveEvents::forget(const std::vector<std::string>& customers) {
    {
        const std::lock_guard lock(queue_mutex_);
        for (const Arrival& waiting : queue_) {
            pass_over(waiting.events);
        }
        queue_.clear();
        queue_bytes_ = 0;
        forgotten_.fetch_add(1);
    }
    const auto is_theirs = [&](const EntryPtr& entry) {
        return std::any_of(customers.begin(), customers.end(), [&](const std::string& id) {
            // A body that nothing was taken of says their name only in its text.
            return entry->customer == id ||
                   std::find(entry->ids.begin(), entry->ids.end(), id) != entry->ids.end() ||
                   (!entry->taken && entry->raw.find(id) != std::string::npos);
        });
    };
    const std::lock_guard lock(ring_mutex_);
    std::erase_if(ring_, is_theirs);
    ring_bytes_ = 0;
    for (const EntryPtr& entry : ring_) {
        ring_bytes_ += entry->bytes();
    }
}

Result<std::shared_ptr<http::PushStream>> LiveEvents::watch(const LiveFilter& filter,
                                                            std::uint64_t after,
                                                            std::string_view who,
                                                            StillMay still_may) {
    auto stream = http::make_event_stream(live_watcher_bytes_max);
    const std::lock_guard lock(ring_mutex_);
    drop_watchers_gone();
    if (watchers_.size() >= live_watchers_max) {
        return Error{ErrorCode::Unavailable,
                     "too many are watching the events; close another page, or ask for "
                     "/api/v1/events/recent"};
    }
    const auto own = std::count_if(watchers_.begin(), watchers_.end(),
                                   [&](const Watcher& one) { return one.who == who; });
    if (static_cast<std::size_t>(own) >= live_watchers_of_one_max) {
        return Error{ErrorCode::Unavailable, "this key watches the events in " +
                                                 std::to_string(live_watchers_of_one_max) +
                                                 " places already; close one of them"};
    }
    stream->send("retry: 2000\n\n");
    // A newer start of the server counts from 1 again: then everything is new.
    for (const EntryPtr& entry : since(filter, after < next_id_ ? after : 0)) {
        stream->send(stream_event(entry->id, entry->tree()));
    }
    watchers_.push_back({filter, stream, std::string(who), std::move(still_may)});
    watching_.store(static_cast<int>(watchers_.size()), std::memory_order_relaxed);
    return stream;
}

}  // namespace winback::api
