#include "http/upload.h"

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "http/server.h"
#include "http/test_client.h"

namespace winback::http {
namespace {

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

class UploadTest : public testing::Test {
protected:
    void SetUp() override {
        folder_ = (std::filesystem::temp_directory_path() /
                   ("winback_upload_test_" + std::to_string(::getpid())))
                      .string();
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override {
        server_.reset();
        std::filesystem::remove_all(folder_);
    }

    std::uint16_t start(ServerOptions options = {}) {
        Router router;
        RouteOptions files;
        files.file_bytes_max = 5'000'000;
        files.admit = [](const Request& head) -> std::optional<Response> {
            if (head.query_value("refuse") != nullptr) {
                return error(403, "forbidden", "no");
            }
            return std::nullopt;
        };
        files.on_progress = [this](const Request&, std::uint64_t came, std::uint64_t total) {
            progress_ = std::to_string(came / 1'000'000) + "/" + std::to_string(total / 1'000'000);
        };
        router.add("POST", "/files", sync([this](const Request& request) {
                       std::string said;
                       for (const auto& [name, value] : request.form) {
                           said += name + "=" + value + ";";
                       }
                       for (const std::shared_ptr<Upload>& file : request.uploads) {
                           EXPECT_EQ(content_of(file->path()).size(), file->size());
                           said += file->field + "|" + file->filename + "|" + file->content_type +
                                   "|" + content_of(file->path()).substr(0, 20) + ";";
                           if (request.query_value("keep") != nullptr) {
                               EXPECT_TRUE(file->take_over(folder_ + "/kept"));
                           }
                       }
                       return text(200, said);
                   }),
                   files);
        router.add("POST", "/echo", sync([](const Request& r) { return text(200, r.body); }));
        if (options.uploads.folder.empty()) {
            options.uploads.folder = folder_;
        }
        options.uploads.free_bytes_min = 0;
        server_ = std::make_unique<Server>(std::move(options), std::move(router));
        Result<std::uint16_t> port = server_->start();
        EXPECT_TRUE(port.has_value());
        return port ? *port : std::uint16_t{0};
    }
    std::size_t files_in_folder() const {
        const std::filesystem::directory_iterator all(folder_);
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }
    void await_files(std::size_t count) const {
        while (files_in_folder() != count) {
            std::this_thread::yield();
        }
    }

    std::string folder_;
    std::string progress_;
    std::unique_ptr<Server> server_;
};

const std::string form_type = "Content-Type: multipart/form-data; boundary=b\r\n";

std::string form(std::string_view data, std::string_view filename = "orders.csv") {
    return "--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nsecret\r\n"
           "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" +
           std::string(filename) + "\"\r\nContent-Type: text/csv\r\n\r\n" + std::string(data) +
           "\r\n--b--\r\n";
}

TEST_F(UploadTest, PutsAPlainFormsFileIntoAFileAndDeletesItAfterwards) {
    TestClient client(start());
    const Answer answer = client.exchange(post("/files", form("id,total\r\n1,2"), form_type));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "token=secret;file|orders.csv|text/csv|id,total\r\n1,2;");
    await_files(0);
    EXPECT_EQ(client.exchange(post("/echo", "still here")).body, "still here");
}

TEST_F(UploadTest, TakesABodyThatIsTheFile) {
    TestClient client(start());
    EXPECT_EQ(client.exchange(post("/files", "a,b", "Content-Type: text/csv\r\n")).body,
              "||text/csv|a,b;");
    client.send(
        "POST /files HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\na,b\r\n2\r\n,c\r\n0\r\n\r\n");
    EXPECT_EQ(client.receive().body, "|||a,b,c;");
}

TEST_F(UploadTest, KeepsAFileThatIsTakenOver) {
    TestClient client(start());
    EXPECT_EQ(client.exchange(post("/files?keep=1", "kept data")).status, 200);
    await_files(1);
    EXPECT_EQ(content_of(folder_ + "/kept"), "kept data");
}

TEST_F(UploadTest, TellsHowMuchHasCome) {
    TestClient client(start());
    EXPECT_EQ(client.exchange(post("/files", std::string(4'000'000, 'x'))).status, 200);
    EXPECT_EQ(progress_, "3/4");
}

TEST_F(UploadTest, PassesOverAFileThatWasNotChosen) {
    TestClient client(start());
    EXPECT_EQ(client.exchange(post("/files", form("", ""), form_type)).body, "token=secret;");
    EXPECT_EQ(client.exchange(post("/files", form("", "empty.csv"), form_type)).body,
              "token=secret;file|empty.csv|text/csv|;");
}

TEST_F(UploadTest, AsksBeforeAnythingIsKept) {
    TestClient client(start());
    client.send("POST /files?refuse=1 HTTP/1.1\r\nHost: test\r\nContent-Length: 4000000\r\n\r\n");
    EXPECT_EQ(client.receive().status, 403);
    EXPECT_EQ(files_in_folder(), 0U);
}

TEST_F(UploadTest, RefusesWhatIsTooLargeBrokenOrEncoded) {
    const std::uint16_t port = start();
    const auto status = [port](const std::string& request) {
        TestClient client(port);
        return client.exchange(request).status;
    };
    EXPECT_EQ(status("POST /files HTTP/1.1\r\nHost: test\r\nContent-Length: 5000001\r\n\r\n"), 413);
    EXPECT_EQ(status(post("/files", "x", "Content-Encoding: gzip\r\n")), 415);
    EXPECT_EQ(status(post("/files", "not a form", form_type)), 400);
    EXPECT_EQ(status(post("/files", "x", "Content-Type: multipart/form-data\r\n")), 400);
    std::string large = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n";
    large += std::string(form_bytes_max + 1, 'x') + "\r\n--b--";
    EXPECT_EQ(status(post("/files", large, form_type)), 413);
    await_files(0);
}

TEST_F(UploadTest, DeletesWhatAClientLeftHalfway) {
    {
        TestClient client(start());
        client.send("POST /files HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nhalf");
        await_files(1);
    }
    await_files(0);
}

TEST_F(UploadTest, LimitsTheFilesUnderWay) {
    ServerOptions options;
    options.uploads.files_max = 1;
    const std::uint16_t port = start(options);
    TestClient first(port);
    first.send("POST /files HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhalf");
    await_files(1);
    TestClient second(port);
    EXPECT_EQ(second.exchange(post("/files", "x")).status, 503);
    first.send("!");
    EXPECT_EQ(first.receive().body, "|||half!;");
    await_files(0);
}

TEST_F(UploadTest, CleansUpAfterAnEarlierRun) {
    std::ofstream(folder_ + "/upload-abcdef") << "left";
    std::ofstream(folder_ + "/other") << "not ours";
    start();
    EXPECT_EQ(files_in_folder(), 1U);
}

TEST_F(UploadTest, TakesNoFilesWithoutAFolder) {
    ServerOptions options;
    options.uploads.folder = folder_ + "/missing";
    TestClient client(start(options));
    EXPECT_EQ(client.exchange(post("/files", "x")).status, 503);
}

}  // namespace
}  // namespace winback::http
