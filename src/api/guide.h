// The guide of the first hour: how far a new workspace is, what was found in its data, and what
// is missing before anything may be sent for real.
//
// A folder that `serve` made without a playbook begins with the shipped one, and with sending
// off: messages are kept as previews until somebody who may `send` turns it on. Folders that are
// older have no such switch, and everything is as it was.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <string>

#include "api/approvals.h"
#include "api/cached.h"
#include "api/desk.h"
#include "base/result.h"
#include "base/value.h"
#include "host/keys.h"

namespace winback::api {

class TemplateDesk;

struct GuideOptions {
    bool delivers = false;                      // A mail server is set up.
    std::function<void(bool on)> turn_sending;  // Tells the sender; may be empty.
    Duration age_max = seconds(5);              // How long counts may be shown again.
};

// Makes a new folder ready: the shipped playbook, sending off, the guide open.
Status begin_guide(host::Host& host);
// The guide leads: the folder was made by it, and nobody said that it is done.
bool guide_is_open(host::Host& host);
// A test message was taken by the mail server.
void note_test_sent(host::Host& host);
// True unless somebody has to turn sending on first. Fails with Corrupt.
Result<bool> sending_allowed(host::Host& host);

class Guide {
public:
    // Both must outlive this.
    Guide(Desk& desk, TemplateDesk& templates, GuideOptions options);
    ~Guide();
    Guide(const Guide&) = delete;
    Guide& operator=(const Guide&) = delete;

    bool is_open();  // guide_is_open
    bool has_customers();

    // {open, workspace_done, has_data, keys, counting, found: {...}, segments, journeys, example,
    //  checks: [{id, ok, count}], missing, switch, sending}. While `counting`, states and segments
    //  are of before the last import. A check that is `pending` is not known yet. Without
    //  `personal` nobody is named. Blocks.
    ValueMap describe(bool personal);

    // The base was filled by an import: counts of before are not shown again.
    void look_again();

    Status workspace_done();
    Status dismiss();
    // 0 when it is done, else the request that a second person must approve first. Fails with
    // Conflict while something is missing, with NotFound where there is no switch, and as
    // consider_sending.
    Result<std::uint64_t> turn_sending(bool on, const SendingAct& act);
    // The same as people and programs do it: in the audit trail once it is done, and nothing to do
    // when it is so already.
    Result<std::uint64_t> switch_sending(bool on, const SendingAct& act);
    // {switch, on, checks: [{id, ok, count}]}. Blocks.
    ValueMap describe_sending();

private:
    ValueMap state();
    ValueMap found();
    Cached<ValueMap>::Pointer counted();
    Status change(std::string_view key, Value value);
    // `patient`: waits for what is not known yet.
    ValueList checks(bool patient);
    void check_workspace(ValueList& list);

    Desk& desk_;
    TemplateDesk& templates_;
    GuideOptions options_;
    std::mutex found_mutex_;
    Cached<ValueMap> found_;  // What a pass over the base counts; replaced when it is too old.
    std::atomic<bool> has_customers_ = false;
    // When an import ended, by the host's clock: older counts are not of its state.
    std::atomic<std::int64_t> changed_at_ms_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace winback::api
