#include "api/strict_json.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/excerpt.h"
#include "base/strings.h"

namespace winback::api {
namespace {

using nlohmann::json;

// Hears what a parser reads, and says what a lenient one would pass over.
class Watch {
public:
    void begin() {
        if (names_.size() >= static_cast<std::size_t>(json_depth_max)) {
            say("it is nested deeper than " + std::to_string(json_depth_max) + " levels");
        }
        names_.emplace_back();
    }
    void end() { names_.pop_back(); }
    void name(const std::string& name) {
        text(name);
        if (!names_.back().insert(name).second) {
            say("the name '" + excerpt(name) + "' stands twice in an object");
        }
    }
    void text(const std::string& text) {
        if (holds_control(text)) {
            say("a text holds a control character; only tabs and line ends may stand there");
        }
    }
    void large_whole_number(const std::string& digits, bool fits_uint) {
        say("the whole number " + excerpt(digits) +
            " is beyond 64 bits with a sign and would be changed" +
            (fits_uint ? "; a condition writes it as {\"cel\": \"" + digits + "u\"}" : ""));
    }
    bool is_content() const { return fault_.empty(); }
    Error error() const { return {ErrorCode::InvalidArgument, "the body is refused: " + fault_}; }

private:
    void say(std::string fault) {
        if (fault_.empty()) {
            fault_ = std::move(fault);
        }
    }

    std::vector<std::set<std::string>> names_;
    std::string fault_;
};

Error no_json(std::size_t byte) {
    return {ErrorCode::InvalidArgument,
            "the body is not JSON: something is wrong at byte " + std::to_string(byte)};
}

Error large_number() {
    return {ErrorCode::InvalidArgument, "the body is not JSON: a number is too large"};
}

// Makes a value of what the parser reads. What is heard is called by the parser's names.
class ValueReader {
public:
    bool null() { return add({}); }
    bool boolean(bool value) { return add(value); }
    bool number_integer(json::number_integer_t value) { return add(std::int64_t{value}); }
    bool number_unsigned(json::number_unsigned_t value) {
        constexpr auto whole_max = std::numeric_limits<std::int64_t>::max();
        if (value > static_cast<std::uint64_t>(whole_max)) {
            watch_.large_whole_number(std::to_string(value), true);
            return false;
        }
        return add(static_cast<std::int64_t>(value));
    }
    // What has neither a point nor an exponent is a whole number that fits nowhere.
    bool number_float(json::number_float_t value, const std::string& text) {
        if (text.find_first_of(".eE") == std::string::npos) {
            watch_.large_whole_number(text, false);
            return false;
        }
        return add(value);
    }
    bool string(std::string& text) {
        watch_.text(text);
        return watch_.is_content() && add(std::move(text));
    }
    bool binary(json::binary_t& /*bytes*/) { return false; }  // JSON has none.
    bool start_object(std::size_t /*size*/) { return start(ValueMap()); }
    bool start_array(std::size_t /*size*/) { return start(ValueList()); }
    bool key(std::string& name) {
        watch_.name(name);
        open_.back().name = std::move(name);
        return watch_.is_content();
    }
    bool end_object() { return end(); }
    bool end_array() { return end(); }
    bool parse_error(std::size_t byte, const std::string& /*token*/, const json::exception& error) {
        constexpr int out_of_range = 406;  // A number that no double holds.
        error_ = error.id == out_of_range ? large_number() : no_json(byte);
        return false;
    }

    // Pre: the parser has ended; `good` is what it said.
    Result<Value> result(bool good) {
        if (!good) {
            return watch_.is_content() ? error_ : watch_.error();
        }
        return std::move(done_);
    }

private:
    struct Open {
        Value value;       // A list or a map.
        std::string name;  // Of the next item of a map.
    };

    bool start(Value value) {
        watch_.begin();
        open_.push_back({std::move(value), {}});
        return watch_.is_content();
    }
    bool end() {
        watch_.end();
        Value value = std::move(open_.back().value);
        open_.pop_back();
        return add(std::move(value));
    }
    bool add(Value value) {
        if (open_.empty()) {
            done_ = std::move(value);
        } else if (ValueList* list = open_.back().value.as_list()) {
            list->push_back(std::move(value));
        } else {
            open_.back().value.as_map()->append(std::move(open_.back().name), std::move(value));
        }
        return true;
    }

    Watch watch_;
    std::vector<Open> open_;
    Value done_;
    Error error_ = no_json(0);
};

}  // namespace

Result<json> parse_strict(std::string_view text) {
    using Event = json::parse_event_t;
    Watch watch;
    json value;
    try {
        value = json::parse(text.begin(), text.end(), [&watch](int, Event event, const json& part) {
            if (event == Event::object_start || event == Event::array_start) {
                watch.begin();
            } else if (event == Event::object_end || event == Event::array_end) {
                watch.end();
            } else if (event == Event::key) {
                watch.name(part.get_ref<const std::string&>());
            } else if (part.is_string()) {
                watch.text(part.get_ref<const std::string&>());
            }
            return true;
        });
    } catch (const json::parse_error& error) {
        return no_json(error.byte);
    } catch (const json::exception&) {
        return large_number();
    }
    if (!watch.is_content()) {
        return watch.error();
    }
    return value;
}

Result<Value> read_strict(std::string_view text) {
    ValueReader reader;
    try {
        const bool good = json::sax_parse(text.begin(), text.end(), &reader);
        return reader.result(good);
    } catch (const json::exception&) {
        return large_number();
    }
}

}  // namespace winback::api
