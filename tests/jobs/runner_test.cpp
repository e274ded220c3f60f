#include "core/random.hpp"
#include "tests/jobs/shared_folder.hpp"

#include <sys/wait.h>
#include <atomic>
#include <limits>
#include <set>

namespace xloop::jobs_test {
namespace {

using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class Runners : public SharedFolder {
protected:
    /// Processes that this one started and that have not ended.
    static std::vector<pid_t> children(pid_t parent = ::getpid()) {
        std::vector<pid_t> found;
        for (const auto& entry : fs::directory_iterator("/proc")) {
            std::ifstream in(entry.path() / "stat");
            std::string text;
            std::getline(in, text);
            std::istringstream fields(text.substr(std::min(text.size(), text.rfind(')') + 1)));
            char state = 0;
            pid_t of = 0;
            if (fields >> state >> of && of == parent && state != 'Z')
                found.push_back(std::stoi(entry.path().filename().string()));
        }
        return found;
    }
};

// Copy me: a runner's test. Jobs of closed form, a folder of its own, what is in the folder afterwards.
TEST_F(Runners, GivenAnyNumberOfWorkers_ThenResultsHaveTheSameBytes) {
    const int count = 60;
    expect_squares(run_here(squares(count)), count);
    const auto expected = files("jobs/done");
    EXPECT_THAT(expected, SizeIs(count));
    for (int workers : {1, 2, 4}) {
        fs::remove_all(path("jobs"));
        expect_squares(run(squares(count), config(RunnerKind::workers, workers)), count);
        EXPECT_EQ(files("jobs/done"), expected) << workers;
        EXPECT_THAT(files("jobs/open"), IsEmpty());
        EXPECT_THAT(files("jobs/claims"), IsEmpty());
    }
}

TEST_F(Runners, GivenJobsOfDifferentLength_ThenResultsAreInTheOrderOfJobs) {
    std::vector<Job> jobs;
    for (int x = 0; x < 20; ++x)
        jobs.push_back(square_of(x, x % 3 == 0 ? 40 : 1));
    expect_squares(run(jobs, config(RunnerKind::workers, 3)), 20);
}

TEST_F(Runners, GivenTheSameJobTwice_ThenItIsDoneOnce) {
    std::vector<Job> jobs = squares(10);
    for (const Job& job : squares(10))
        jobs.push_back(job);
    Runner runner(folder_, config(RunnerKind::workers, 2), work_of_helper());
    runner.run(jobs);
    const auto again = runner.run(jobs);
    ASSERT_THAT(again, SizeIs(20));
    EXPECT_EQ(again[13].get().at("square"), 9);
    EXPECT_THAT(times_done(), AllOf(SizeIs(10), Each(Pair(testing::_, 1))));
}

TEST_F(Runners, GivenOneWorker_ThenJobsAreDoneInTheOrderOfPosting) {
    run_here(squares(30));
    std::vector<std::string> expected, done;
    for (const Job& job : squares(30))
        expected.push_back(job.digest());
    for (const Json& line : provenance())
        done.push_back(line.at("job"));
    EXPECT_EQ(done, expected);
}

TEST_F(Runners, GivenJobsThatFail_ThenTheFailureIsTheirResult) {
    const std::vector<Job> jobs{square_of(2), {"bad_input", Json::object()}, {"bad_luck", Json::object()}};
    const auto results = run(jobs, config(RunnerKind::workers, 2));
    EXPECT_EQ(results[0].get().at("square"), 4);
    EXPECT_EQ(refusal<InputError>([&] { results[1].get(); }), "x: expected an even number");
    EXPECT_EQ(results[2].failure->error, "the disk \uFFFD is full");
    EXPECT_EQ(results[2].failure->kind, FailureKind::error);
    EXPECT_THAT(files("jobs/done"), SizeIs(1));
    EXPECT_THAT(files("jobs/failed"), SizeIs(2));
}

TEST_F(Runners, GivenAJobThatKillsItsWorkers_ThenItFailsAfterTheLimitAndIsTriedAgainByTheNextCoordinator) {
    std::vector<Job> jobs = squares(20, 5);
    jobs.insert(jobs.begin(), {deadly(path("deaths_1"), 4), deadly(path("deaths_2"), 2)});
    JobsConfig with = config(RunnerKind::workers, 2);
    const auto results = run(jobs, with);
    EXPECT_THAT(results[0].failure->error, HasSubstr("its worker died 3 times"));
    EXPECT_EQ(results[1].get(), Json({{"survived", true}}));
    EXPECT_EQ(results[21].get().at("square"), 19 * 19);
    const auto again = run(jobs, with);
    EXPECT_EQ(again[0].get(), Json({{"survived", true}}));
    EXPECT_EQ(read_file(path("deaths_1")), "again\nagain\nagain\nagain\n");
}

TEST_F(Runners, GivenOnlyJobsThatKillTheirWorkers_ThenEachFailsAndNoWorkerIsBlamed) {
    std::vector<Job> jobs;
    for (int i = 0; i < 6; ++i)
        jobs.push_back(deadly(path("deaths_" + std::to_string(i)), 100));
    for (const JobResult& result : run(jobs, config(RunnerKind::workers, 3)))
        EXPECT_THAT(result.failure->error, HasSubstr("its worker died 3 times"));
}

TEST_F(Runners, GivenWorkersKilledAtRandom_ThenNothingIsLost) {
    const int count = 800;
    const KeyedRandom choice(7, RandomUse::random_images);
    std::atomic<bool> over = false;
    int kills = 0;
    std::thread killer([&] {
        for (std::size_t done = 0; !over && kills < 50;) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            const auto workers = children();
            // However slow the machine is, something gets done between two kills.
            if (workers.empty() || count_of("jobs/done") == done)
                continue;
            done = count_of("jobs/done");
            kills += ::kill(workers[choice.below(workers.size(), static_cast<std::uint64_t>(kills))], SIGKILL) == 0;
        }
    });
    // What a worker is killed at, the next one takes first; chance may hit it again.
    JobsConfig with = config(RunnerKind::workers, 4);
    with.attempts = 12;
    std::vector<JobResult> results;
    EXPECT_NO_THROW(results = run(squares(count, 15), with));
    over = true;
    killer.join();
    EXPECT_GE(kills, 30);
    expect_squares(results, count);
    EXPECT_THAT(files("jobs/done"), SizeIs(count));
    EXPECT_THAT(files("jobs/failed"), IsEmpty());
    for (const auto& entry : fs::recursive_directory_iterator(path("jobs")))
        EXPECT_FALSE(is_temporary(entry.path().filename().string())) << entry.path();
}

TEST_F(Runners, GivenACoordinatorThatIsKilled_ThenItsWorkersEndAndTheNextOneGoesOn) {
    const int count = 60;
    Child first({helper(), "run", folder_, "workers", "3", std::to_string(count), "20"});
    ASSERT_TRUE(soon([&] { return count_of("jobs/done") >= 10; }));
    const auto coordinators = children();
    ASSERT_THAT(coordinators, SizeIs(1));
    const auto workers = children(coordinators[0]);
    EXPECT_THAT(workers, SizeIs(3));
    first.send(SIGKILL);
    EXPECT_TRUE(
        soon([&] { return std::none_of(workers.begin(), workers.end(), [](pid_t w) { return ::kill(w, 0) == 0; }); }));
    const auto done = files("jobs/done");
    EXPECT_LT(done.size(), static_cast<std::size_t>(count));
    expect_squares(run_here(squares(count, 20)), count);
    for (const auto& [job, times] : times_done())
        EXPECT_EQ(times, 1) << job;
    EXPECT_THAT(files("jobs/done"), SizeIs(count));
}

TEST_F(Runners, GivenCtrlC_ThenTheWorkersEndAndTheNextCoordinatorGoesOn) {
    Child first({helper(), "run", folder_, "workers", "2", "40", "20"});
    ASSERT_TRUE(soon([&] { return count_of("jobs/done") >= 5; }));
    const auto workers = children(children().at(0));
    first.send(SIGINT);
    ASSERT_TRUE(soon([&] { return first.status().has_value(); }));
    EXPECT_EQ(WEXITSTATUS(*first.status()), 130);
    for (const pid_t worker : workers)
        EXPECT_NE(::kill(worker, 0), 0);
    expect_squares(run_here(squares(40, 20)), 40);
}

TEST_F(Runners, GivenAJobOfAnotherVersionOfTheProgram_ThenAWorkerRefusesIt) {
    JobFolder folder(folder_);
    folder.begin();
    folder.post(square_of(3), 1);
    const std::string file = path("jobs/open/" + folder.open_jobs().at(0).name);
    Json posted = Json::parse(read_file(file));
    posted["version"] = "0.0.1";
    write_file_atomically(file, posted.dump());
    Worker worker(folder, do_closed_form);
    EXPECT_THAT(refusal<InputError>([&] { worker.do_next(); }), HasSubstr("posted by xloop 0.0.1"));
    EXPECT_FALSE(folder.has_result(square_of(3).digest()));
}

TEST_F(Runners, GivenADamagedResult_ThenTheJobIsDoneAgain) {
    run_here(squares(5));
    const auto expected = files("jobs/done");
    const std::string file = path("jobs/done/" + square_of(3).digest() + ".json");
    for (const auto& change : {std::pair<const char*, const char*>{"9", "8"}, {"square", "sqare"}, {"}", ""}}) {
        std::string text = read_file(file);
        text.replace(text.rfind(change.first), std::string(change.first).size(), change.second);
        write_file_atomically(file, text);
        expect_squares(run_here(squares(5)), 5);
        EXPECT_EQ(files("jobs/done"), expected);
        EXPECT_EQ(files("jobs/damaged").begin()->second, text);
    }
    write_file_atomically(file, "");
    expect_squares(run(squares(5), config(RunnerKind::workers, 2)), 5);
    EXPECT_EQ(times_done()[square_of(3).digest()], 5);
}

TEST_F(Runners, GivenOpenJobsThatSomebodyRemoves_ThenTheyArePostedAgain) {
    const JobWork work{[&](const Job& job) {
                           if (job.task == square_of(0).task)
                               for (const auto& entry : files("jobs/open"))
                                   fs::remove(path("jobs/open/" + entry.first));
                           return do_closed_form(job);
                       },
                       {}};
    expect_squares(Runner(folder_, config(RunnerKind::local), work).run(squares(30)), 30);
}

TEST_F(Runners, GivenTwoCoordinators_ThenTheSecondIsRefused) {
    Runner first(folder_, config(RunnerKind::local), work_of_helper());
    EXPECT_THAT(refusal<InputError>([&] { run_here({}); }), HasSubstr("works in this folder"));
}

TEST_F(Runners, GivenAWorkerCommandThatDoesNotWork_ThenItsLastWordsAreTold) {
    JobWork bad{do_closed_form, {"sh", "-c", "echo it was me >&2; exit 3"}};
    EXPECT_THAT(refusal<Error>([&] { Runner(folder_, config(RunnerKind::workers, 4), bad).run(squares(9)); }),
                AllOf(HasSubstr("exit code 3: it was me"), HasSubstr("5 workers")));
    bad.worker_command = {"sh", "-c", "kill -9 $$"};
    EXPECT_THAT(refusal<Error>([&] { Runner(folder_, config(RunnerKind::workers, 1), bad).run(squares(9)); }),
                HasSubstr("was ended by signal 9: it said nothing"));
    bad.worker_command = {"no-such-program"};
    EXPECT_THAT(refusal<Error>([&] { Runner(folder_, config(RunnerKind::workers, 1), bad).run(squares(9)); }),
                HasSubstr("cannot start no-such-program: No such file"));
}

TEST_F(Runners, GivenAWorkerWithoutACoordinator_ThenItEndsWhenItsPatienceDoes) {
    Child worker({helper(), "work", folder_, "0.3"});
    ASSERT_TRUE(soon([&] { return worker.status().has_value(); }));
    EXPECT_EQ(worker.status(), 0);
    EXPECT_FALSE(fs::exists(path("jobs")));
}

TEST_F(Runners, GivenARunThatIsGivenUp_ThenItsWorkersEnd) {
    struct GivenUp {};
    const Watch give_up = [](const StepState& state) {
        if (state.done > 0.1)
            throw GivenUp();
    };
    {
        Runner runner(folder_, config(RunnerKind::workers, 2), work_of_helper());
        EXPECT_THROW(runner.run(squares(40, 30), give_up), GivenUp);
        EXPECT_THAT(children(), SizeIs(2));
    }
    EXPECT_THAT(children(), IsEmpty());
    EXPECT_LT(files("jobs/done").size(), 40u);
}

TEST_F(Runners, GivenALongRun_ThenItSaysHowFarItIs) {
    std::vector<double> shares;
    std::string last;
    Runner(folder_, config(RunnerKind::local), work_of_helper()).run(squares(20, 5), [&](const StepState& state) {
        shares.push_back(state.done);
        last = state.detail;
    });
    EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
    EXPECT_GT(shares.size(), 3u);
    EXPECT_EQ(shares.back(), 1.0);
    EXPECT_EQ(last, "20 of 20 jobs");
}

TEST_F(Runners, GivenThousandsOfTrivialJobs_ThenTheyTakeSeconds) {
    const auto start = JobClock::now();
    expect_squares(run_here(squares(2000)), 2000);
    EXPECT_LT(std::chrono::duration<double>(JobClock::now() - start).count(), 10.0);
}

TEST(JobDigest, GivenAnyDifference_ThenItIsAnother) {
    std::set<std::string> digests;
    for (const Job& job :
         {Job{"a", Json{{"x", 1}}}, Job{"b", Json{{"x", 1}}}, Job{"a", Json{{"x", 1.0}}}, Job{"a", Json{{"x", "1"}}},
          Job{"a", Json{{"x", 1}, {"y", 2}}}, Job{"a", Json{{"y", 2}, {"x", 1}}}})
        digests.insert(job.digest());
    EXPECT_THAT(digests, AllOf(SizeIs(6), Each(SizeIs(32))));
    EXPECT_EQ((Job{"a", Json{{"x", std::numeric_limits<double>::infinity()}}}.digest()),
              (Job{"a", Json{{"x", nullptr}}}.digest()));
}

}  // namespace
}  // namespace xloop::jobs_test
