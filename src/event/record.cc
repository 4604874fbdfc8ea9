#include "event/record.h"

#include <algorithm>

#include "event/event.h"
#include "event/event_form.h"

namespace winback::event {
namespace {

constexpr std::string_view context_prefix = "context.";
constexpr std::uint8_t map_tag = static_cast<std::uint8_t>(ValueType::Map);

// Follows the path into the value at `in`. False when it leads nowhere.
bool descend(ByteReader in, std::string_view path, ValueView& out) {
    for (;;) {
        if (in.u8() != map_tag) {
            return false;
        }
        const std::size_t dot = path.find('.');
        const std::string_view step = path.substr(0, dot);
        bool found = false;
        for (std::size_t n = in.count(); n > 0 && in.ok() && !found; --n) {
            found = in.text() == step;
            if (!found) {
                in.value_view();
            }
        }
        if (!found) {
            return false;
        }
        if (dot == std::string_view::npos) {
            out = in.value_view();
            return true;
        }
        path.remove_prefix(dot + 1);
    }
}

}  // namespace

Result<RecordHead> read_head(std::string_view record) {
    ByteReader in(record);
    if (in.u8() != event_form || !is_kind_byte(in.u8())) {
        return Error{ErrorCode::Corrupt, "not an event record of a version this program knows"};
    }
    RecordHead head{.time = in.time(), .message_id = in.text(), .name = {}, .rest = in};
    for (int ids = 0; ids < 4; ++ids) {
        in.text();
    }
    head.name = in.text();
    head.rest = in;
    return head;
}

FieldPicker::FieldPicker(const std::vector<std::string>& fields) {
    const auto path_of = [](std::string_view path) {
        return Path{std::string(path), std::min(path.find('.'), path.size())};
    };
    for (const std::string& field : fields) {
        const bool names_context = field.starts_with(context_prefix);
        fields_.push_back({.property = path_of(field),
                           .context = path_of(
                               names_context ? std::string_view(field).substr(context_prefix.size())
                                             : std::string_view())});
    }
}

void FieldPicker::read_map(ByteReader& in, Path Field::*path, std::span<ValueView> out) {
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        const std::string_view key = in.text();
        const ByteReader at_value = in;
        const ValueView value = in.value_view();
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            Field& field = fields_[i];
            const Path& wanted = field.*path;
            if (field.exact) {
                continue;
            }
            if (wanted.whole == key) {
                out[i] = value;
                field.state = State::Found;
                field.exact = true;
            } else if (field.state == State::Open && wanted.matches_head(key)) {
                const auto rest = std::string_view(wanted.whole).substr(wanted.head + 1);
                field.state = descend(at_value, rest, out[i]) ? State::Found : State::Missed;
            }
        }
    }
}

bool FieldPicker::pick(const RecordHead& record, std::span<ValueView> out) {
    ByteReader in = record.rest;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        out[i] = {};
        fields_[i].state = State::Open;
        fields_[i].exact = false;
    }
    read_map(in, &Field::property, out);
    for (Field& field : fields_) {
        field.exact = field.state == State::Found || field.context.whole.empty();
        field.state = State::Open;
    }
    read_map(in, &Field::context, out);
    return in.finished();
}

}  // namespace winback::event
