// The commands of the `winback` program: one struct of arguments and one function each.
//
// Each returns the process's exit code: 0 done, 1 the answer is "no" (mistakes found, nothing
// there), 2 wrong usage, 3 could not be done (the message on stderr says what to do).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace winback::cli {

constexpr int exit_ok = 0;
constexpr int exit_no = 1;
constexpr int exit_usage = 2;
constexpr int exit_failed = 3;

struct ImportArguments {
    std::string file;
    std::string map;
    std::string data;
    std::string rejects;  // Empty: FILE.rejects.csv beside the data folder.
    bool strict = false;
    bool json = false;
};
int run_import(const ImportArguments& arguments);

struct FitArguments {
    std::string model;   // "mbg-nbd", "bg-nbd", "gamma-gamma"
    std::string data;    // One of data and orders.
    std::string orders;  // CSV with customer_id, date, amount.
    std::string until;   // Last day of the fitting period; empty: the last day of the data.
    std::string unit = "week";
    bool json = false;
    bool save = false;  // Keep the fit (and Gamma-Gamma and RFM edges with it) in the folder.
};
int run_fit(const FitArguments& arguments);

struct CheckArguments {
    std::string playbook;
    bool json = false;
};
int run_check(const CheckArguments& arguments);

struct ServeArguments {
    std::string data;
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;
    std::string playbook;   // Loaded at start when given.
    bool sign_in = false;   // Print a one-time link.
    std::string smtp_host;  // Empty: messages are previewed, nothing leaves.
    std::uint16_t smtp_port = 25;
    std::string smtp_tls = "starttls";  // none | starttls | tls
    std::string smtp_user;              // The password is read from WINBACK_SMTP_PASSWORD.
    std::string smtp_ca_file;
    std::string webhooks_to = "public";
    std::string webhooks_ca_file;
};
int run_serve(const ServeArguments& arguments);

struct SegmentArguments {
    std::string condition;  // Or the id of a segment of the playbook.
    std::string customer;   // Of `explain`.
    std::string data;
    std::string at;           // As of this moment instead of now.
    std::size_t limit = 100;  // Of `members`.
    bool csv = false;         // `members` as a CSV file with addresses and scores.
    bool json = false;
};
int run_segment_count(const SegmentArguments& arguments);
int run_segment_members(const SegmentArguments& arguments);
int run_segment_explain(const SegmentArguments& arguments);

struct CustomerArguments {
    std::string id;
    std::string data;
    bool json = false;
};
int run_customer_show(const CustomerArguments& arguments);

struct ReplayArguments {
    std::string data;
    std::string playbook;
    std::string out;
    int days = 90;
    bool json = false;
};
int run_replay(const ReplayArguments& arguments);

struct ReportArguments {
    std::string data;
    bool json = false;
};
int run_report(const ReportArguments& arguments);

struct ExplainArguments {
    std::string key;
    std::string data;
    bool json = false;
};
int run_explain(const ExplainArguments& arguments);

struct KeyArguments {
    std::string data;
    std::string kind = "write";  // write | api | sign_in
    std::string name = "command line";
    std::vector<std::string> scopes;  // Empty: read; of a link read and personal.
    bool json = false;
};
int run_key_create(const KeyArguments& arguments);

struct UserArguments {
    std::string data;
    std::string email;
    std::string name;  // Empty: the address.
    std::string role = "admin";
    bool personal = false;
    std::string language = "en";
};
// create and password read the password from standard input.
int run_user_create(const UserArguments& arguments);
int run_user_list(const UserArguments& arguments);
int run_user_password(const UserArguments& arguments);
int run_user_disable(const UserArguments& arguments);

struct AuditArguments {
    std::string data;
    std::string who;
    std::string what;
    std::string target;
    std::string customer;  // An id: what was done to this customer.
    std::size_t limit = 50;
    bool json = false;
};
// Both also beside a running server.
int run_audit_verify(const AuditArguments& arguments);
int run_audit_list(const AuditArguments& arguments);

struct BackupArguments {
    std::string folder;
    std::string data;
};
int run_backup(const BackupArguments& arguments);
int run_restore(const BackupArguments& arguments);

struct LiquidArguments {
    std::string file;                          // Cases as lines of JSON.
    std::string now = "2024-01-01T00:01:58Z";  // What templates take for now.
};
int run_liquid_conformance(const LiquidArguments& arguments);
int run_liquid_serve(const LiquidArguments& arguments);

struct ExprArguments {
    std::string file;  // Cases as lines of JSON.
};
int run_expr_conformance(const ExprArguments& arguments);
int run_expr_tree();
int run_expr_text();

}  // namespace winback::cli
