#include "engine/input.h"

#include "base/bytes.h"

namespace winback::engine {
namespace {

// First byte of a record: the version of its form.
constexpr std::uint8_t format_version = 1;
// The kind of a record is the place of its body in Input; that of a Tick with a bound is this.
constexpr std::uint8_t kind_of_bounded_tick = 8;

bool is_bounded(const Tick& tick) {
    return tick.until != WakePlace{};
}

struct BodyWriter {
    ByteWriter& out;

    void operator()(const EventArrived& body) const { out.text(event::encode(body.event)); }
    void operator()(const Tick& body) const {
        if (is_bounded(body)) {
            out.time(body.until.at);
            out.u64(body.until.place);
        }
    }
    void operator()(const DefinitionsLoaded& body) const { out.u64(body.definitions->version); }
    void operator()(const ModelsFitted& body) const { model::encode(out, body.models); }
    void operator()(const HandoverArrived& body) const { out.text(encode(body.handover)); }
    void operator()(const SendStarted& body) const {
        out.text(body.customer);
        out.hash(body.key);
    }
    void operator()(const SendEnded& body) const { out.text(encode(body)); }
    void operator()(const Command& body) const { out.text(encode(body)); }
};

Result<decltype(Input::body)> read_event(ByteReader& in) {
    WINBACK_TRY(event::Event event, event::decode(in.text()));
    return {EventArrived{std::move(event)}};
}

Result<decltype(Input::body)> read_bounded_tick(ByteReader& in) {
    Tick tick;
    tick.until.at = in.time();
    const std::uint64_t place = in.u64();
    tick.until.place = static_cast<std::uint32_t>(place);
    if (tick.until.place != place || !is_bounded(tick)) {
        return Error{ErrorCode::Corrupt, "a log record with a bound that nobody writes"};
    }
    return {tick};
}

Result<decltype(Input::body)> read_definitions(
    ByteReader& in, const std::function<DefinitionsPtr(std::uint64_t)>& find_definitions) {
    const std::uint64_t version = in.u64();
    DefinitionsPtr definitions = find_definitions(version);
    if (definitions == nullptr) {
        return Error{ErrorCode::Corrupt, "the log names playbook version " +
                                             std::to_string(version) +
                                             ", which is not in the data folder"};
    }
    return {DefinitionsLoaded{std::move(definitions)}};
}

Result<decltype(Input::body)> read_models(ByteReader& in) {
    WINBACK_TRY(model::FittedModels models, model::decode_fitted_models(in));
    return {ModelsFitted{std::move(models)}};
}

Result<decltype(Input::body)> read_handover(ByteReader& in) {
    WINBACK_TRY(Handover handover, decode_handover(in.text()));
    return {HandoverArrived{std::move(handover)}};
}

SendStarted read_send_started(ByteReader& in) {
    SendStarted body;
    body.customer = in.text();
    body.key = in.hash();
    return body;
}

Result<decltype(Input::body)> read_send_ended(ByteReader& in) {
    WINBACK_TRY(SendEnded body, decode_send_ended(in.text()));
    return {std::move(body)};
}

Result<decltype(Input::body)> read_command(ByteReader& in) {
    WINBACK_TRY(Command command, decode_command(in.text()));
    return {std::move(command)};
}

Result<decltype(Input::body)> read_body(
    std::uint8_t kind,
    ByteReader& in,
    const std::function<DefinitionsPtr(std::uint64_t)>& find_definitions) {
    switch (kind) {
        case 0:
            return read_event(in);
        case 1:
            return {Tick{}};
        case 2:
            return read_definitions(in, find_definitions);
        case 3:
            return read_models(in);
        case 4:
            return read_handover(in);
        case 5:
            return {read_send_started(in)};
        case 6:
            return read_send_ended(in);
        case 7:
            return read_command(in);
        case kind_of_bounded_tick:
            return read_bounded_tick(in);
        default:
            return Error{ErrorCode::Corrupt, "a log record of an unknown kind"};
    }
}

}  // namespace

ShardId shard_of(std::string_view customer_id, std::uint32_t shard_count) {
    return static_cast<ShardId>(hash64(customer_id) % shard_count);
}

std::optional<std::string> erasure(const decltype(Input::body)& body) {
    if (const auto* command = std::get_if<Command>(&body)) {
        return command->kind == Command::Kind::Erase ? std::optional(command->customer)
                                                     : std::nullopt;
    }
    const auto* arrived = std::get_if<HandoverArrived>(&body);
    if (arrived == nullptr || arrived->handover.kind != Handover::Kind::Order) {
        return std::nullopt;
    }
    const auto order = decode_command(arrived->handover.payload);
    return order.has_value() && order->kind == Command::Kind::Erase
               ? std::optional(arrived->handover.customer)
               : std::nullopt;
}

std::optional<NoteDeletion> note_deletion(const decltype(Input::body)& body) {
    Command command;
    if (const auto* direct = std::get_if<Command>(&body)) {
        command = *direct;
    } else if (const auto* arrived = std::get_if<HandoverArrived>(&body);
               arrived != nullptr && arrived->handover.kind == Handover::Kind::Order) {
        const auto order = decode_command(arrived->handover.payload);
        if (!order.has_value()) {
            return std::nullopt;
        }
        command = *order;
        command.customer = arrived->handover.customer;
    }
    return command.kind == Command::Kind::DeleteNote
               ? std::optional(NoteDeletion{command.customer, command.text})
               : std::nullopt;
}

bool is_barrier(const Input& input) {
    return std::holds_alternative<DefinitionsLoaded>(input.body) ||
           std::holds_alternative<ModelsFitted>(input.body);
}

std::string encode(const Input& input) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(format_version);
    const auto* tick = std::get_if<Tick>(&input.body);
    out.u8(tick != nullptr && is_bounded(*tick) ? kind_of_bounded_tick
                                                : static_cast<std::uint8_t>(input.body.index()));
    out.u64(input.sequence);
    out.time(input.at);
    std::visit(BodyWriter{out}, input.body);
    return bytes;
}

Result<Input> decode_input(std::string_view bytes,
                           const std::function<DefinitionsPtr(std::uint64_t)>& find_definitions) {
    ByteReader in(bytes);
    if (in.u8() != format_version) {
        return Error{ErrorCode::Corrupt, "a log record of another format"};
    }
    const std::uint8_t kind = in.u8();
    Input input;
    input.sequence = in.u64();
    input.at = in.time();
    WINBACK_TRY(input.body, read_body(kind, in, find_definitions));
    if (!in.finished()) {
        return Error{ErrorCode::Corrupt, "a log record is cut short or too long"};
    }
    return input;
}

std::string encode(const SendEnded& ended) {
    std::string bytes;
    ByteWriter out(bytes);
    out.text(ended.customer);
    out.hash(ended.key);
    out.u8(static_cast<std::uint8_t>(ended.state));
    out.text(ended.detail);
    return bytes;
}

Result<SendEnded> decode_send_ended(std::string_view bytes) {
    ByteReader in(bytes);
    SendEnded ended;
    ended.customer = in.text();
    ended.key = in.hash();
    const std::uint8_t state = in.u8();
    ended.detail = in.text();
    if (state >= message::message_state_count || !in.finished()) {
        return Error{ErrorCode::Corrupt, "the record of a message's end cannot be read"};
    }
    ended.state = static_cast<message::MessageState>(state);
    return ended;
}

std::string encode(const Command& command) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(static_cast<std::uint8_t>(command.kind));
    out.text(command.customer);
    out.u8(static_cast<std::uint8_t>(command.channel));
    out.u8(static_cast<std::uint8_t>(command.consent));
    out.text(command.reason);
    // Logs from before topics end here, those from before authors behind the topic.
    const bool signed_or_worded = !command.by.empty() || !command.text.empty();
    if (!command.topic.empty() || signed_or_worded) {
        out.text(command.topic);
    }
    if (signed_or_worded) {
        out.text(command.by);
        out.text(command.text);
    }
    return bytes;
}

Result<Command> decode_command(std::string_view bytes) {
    ByteReader in(bytes);
    Command command;
    const std::uint8_t kind = in.u8();
    command.customer = in.text();
    const std::uint8_t channel = in.u8();
    const std::uint8_t consent = in.u8();
    command.reason = in.text();
    command.topic = in.finished() ? std::string() : std::string(in.text());
    if (!in.finished()) {
        command.by = in.text();
        command.text = in.text();
    }
    if (kind > static_cast<std::uint8_t>(Command::Kind::Delist) ||
        channel >= customer::channel_count ||
        consent > static_cast<std::uint8_t>(expr::ConsentState::Denied) || !in.finished()) {
        return Error{ErrorCode::Corrupt, "a command record cannot be read"};
    }
    command.kind = static_cast<Command::Kind>(kind);
    command.channel = static_cast<customer::Channel>(channel);
    command.consent = static_cast<expr::ConsentState>(consent);
    return command;
}

std::string encode(const Handover& handover) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(format_version);
    out.u8(static_cast<std::uint8_t>(handover.kind));
    out.text(handover.customer);
    out.text(handover.other);
    out.text(handover.payload);
    out.boolean(handover.alias);
    out.u64(handover.path.size());
    for (const std::string& id : handover.path) {
        out.text(id);
    }
    return bytes;
}

Result<Handover> decode_handover(std::string_view bytes) {
    ByteReader in(bytes);
    Handover handover;
    const std::uint8_t version = in.u8();
    const std::uint8_t kind = in.u8();
    handover.customer = in.text();
    handover.other = in.text();
    handover.payload = in.text();
    handover.alias = in.boolean();
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        handover.path.emplace_back(in.text());
    }
    if (version != format_version || kind > static_cast<std::uint8_t>(Handover::Kind::Outcome) ||
        !in.finished()) {
        return Error{ErrorCode::Corrupt, "a handover record cannot be read"};
    }
    handover.kind = static_cast<Handover::Kind>(kind);
    return handover;
}

}  // namespace winback::engine
