#include "api/strict_json.h"

#include <set>
#include <string>
#include <vector>

#include "base/excerpt.h"

namespace winback::api {
namespace {

using nlohmann::json;

// Hears what the parser reads, and says what a lenient reader would pass over.
class Watch {
public:
    bool operator()(int depth, json::parse_event_t event, const json& value) {
        using Event = json::parse_event_t;
        if (event == Event::object_start || event == Event::array_start) {
            if (depth >= json_depth_max && fault_.empty()) {
                fault_ = "it is nested deeper than " + std::to_string(json_depth_max) + " levels";
            }
            names_.emplace_back();
        } else if (event == Event::object_end || event == Event::array_end) {
            names_.pop_back();
        } else if (event == Event::key) {
            const auto& name = value.get_ref<const std::string&>();
            if (!names_.back().insert(name).second && fault_.empty()) {
                fault_ = "the name '" + excerpt(name) + "' stands twice in an object";
            }
        }
        return true;
    }
    const std::string& fault() const { return fault_; }

private:
    std::vector<std::set<std::string>> names_;
    std::string fault_;
};

}  // namespace

Result<json> parse_strict(std::string_view text) {
    Watch watch;
    json value;
    try {
        value = json::parse(text.begin(), text.end(),
                            [&watch](int depth, json::parse_event_t event, json& part) {
                                return watch(depth, event, part);
                            });
    } catch (const json::parse_error& error) {
        return Error{
            ErrorCode::InvalidArgument,
            "the body is not JSON: something is wrong at byte " + std::to_string(error.byte)};
    } catch (const json::exception&) {
        return Error{ErrorCode::InvalidArgument, "the body is not JSON: a number is too large"};
    }
    if (!watch.fault().empty()) {
        return Error{ErrorCode::InvalidArgument, "the body is refused: " + watch.fault()};
    }
    return value;
}

}  // namespace winback::api
