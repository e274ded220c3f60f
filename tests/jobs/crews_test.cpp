#include "core/config/access.hpp"
#include "core/config/schema.hpp"
#include "core/config/value.hpp"
#include "tests/jobs/shared_folder.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <cstdlib>
#include <set>

namespace xloop::jobs_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Mpi : public SharedFolder {
protected:
    /// A rank as mpirun starts it, with names of its environment.
    Child rank(const std::string& rank_name, const std::string& size_name, int rank, int size) const {
        return Child({"env", fmt_pair(rank_name, rank), fmt_pair(size_name, size), helper(), "run", folder_, "mpi", "1",
                      "60", "10"});
    }

private:
    static std::string fmt_pair(const std::string& name, int value) { return name + "=" + std::to_string(value); }
};

TEST_F(Mpi, GivenRanksByTheirEnvironment_ThenRankZeroCoordinatesAndAllWork) {
    const std::vector<std::pair<const char*, const char*>> launchers{
        {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"}, {"PMI_RANK", "PMI_SIZE"}, {"SLURM_PROCID", "SLURM_NTASKS"}};
    for (const auto& [rank_name, size_name] : launchers) {
        std::vector<Child> ranks;
        // The coordinator comes last, as it may; what an earlier one left must not mislead the others.
        for (int r : {2, 1, 0})
            ranks.push_back(rank(rank_name, size_name, r, 3));
        std::string printed;
        ASSERT_TRUE(soon([&] {
            printed += ranks[2].new_output();
            return std::all_of(ranks.begin(), ranks.end(), [](Child& c) { return c.status().has_value(); });
        }));
        printed += ranks[2].new_output();
        EXPECT_EQ(printed, std::to_string(59 * 60 * 119 / 6) + "\n");
        std::set<int> who;
        for (const Json& line : provenance())
            who.insert(line.at("rank").get<int>());
        EXPECT_EQ(who, (std::set<int>{0, 1, 2})) << rank_name;
        for (const char* part : {"done", "workers"})
            fs::remove_all(path(std::string("jobs/") + part));
    }
}

TEST_F(Mpi, GivenNoLauncher_ThenTheMessageNamesOne) {
    EXPECT_THAT(refusal<InputError>([&] { run(squares(1), config(RunnerKind::mpi)); }), HasSubstr("mpirun"));
}

/// Programs of Slurm's names, first in PATH, which start the tasks of an array as processes.
class Slurm : public SharedFolder {
protected:
    Slurm() : path_before_(std::getenv("PATH")) {
        fs::create_directories(path("bin"));
        program("sbatch", R"(
test "$1" = --parsable || exit 1
last=$(sed -n 's/^#SBATCH --array=0-//p' "$2")
echo "sbatch: a warning" >&2
for task in $(seq 0 $last); do
    SLURM_ARRAY_TASK_ID=$task setsid sh "$2" > /dev/null 2>&1 &
done
echo $# "$@" >> "$0.calls"
echo '4242;cluster')");
        program("scancel", R"(echo $# "$@" >> "$0.calls")");
        program("squeue", "echo RUNNING");
        ::setenv("PATH", (path("bin") + ":" + path_before_).c_str(), 1);
    }
    ~Slurm() override { ::setenv("PATH", path_before_.c_str(), 1); }

    void program(const std::string& name, const std::string& body) const {
        write_file_atomically(path("bin/" + name), "#!/bin/sh\n" + body + "\n");
        ::chmod(path("bin/" + name).c_str(), 0755);
    }

private:
    std::string path_before_;
};

TEST_F(Slurm, GivenAnArray_ThenItsTasksDoTheJobsAndAreCancelledInTheEnd) {
    expect_squares(run(squares(40, 5), config(RunnerKind::slurm, 3)), 40);
    EXPECT_EQ(read_file(path("bin/sbatch.calls")), "2 --parsable " + path("workers.sbatch") + "\n");
    EXPECT_EQ(read_file(path("bin/scancel.calls")), "1 4242\n");
    std::set<std::string> pids;
    for (const Json& line : provenance())
        pids.insert(line.at("pid").dump());
    EXPECT_THAT(pids, SizeIs(3));
    EXPECT_THAT(files("jobs/open"), IsEmpty());
}

TEST_F(Slurm, GivenOptionsAndOddNames_ThenTheScriptQuotesThem) {
    JobsConfig with = config(RunnerKind::slurm, 8);
    with.slurm_options = {"--time=4:00:00", "--partition=short"};
    const JobWork work{do_closed_form, {"/opt/xloop", "work", "it's 100 % here", "-j", "2", ""}};
    const std::string folder = path("100 %");
    fs::create_directories(folder);
    Runner(folder, with, work).run({});
    EXPECT_EQ(read_file(folder + "/workers.sbatch"), R"(#!/bin/sh
#SBATCH --job-name=xloop
#SBATCH --array=0-7
#SBATCH --output=")" + path("100 %%/jobs/workers/slurm.%A_%a.log") +
                                                         R"("
#SBATCH --time=4:00:00
#SBATCH --partition=short
exec /opt/xloop work 'it'\''s 100 % here' -j 2 ''
)");
    EXPECT_FALSE(fs::exists(path("bin/sbatch.calls")));
}

TEST_F(Slurm, GivenNoSbatch_ThenTheScriptIsThereAndTheMessageSaysHowToSubmitIt) {
    ::setenv("PATH", "/nowhere", 1);
    EXPECT_THAT(refusal<InputError>([&] { run(squares(2), config(RunnerKind::slurm, 2)); }),
                AllOf(HasSubstr("cannot start sbatch"), HasSubstr("`sbatch '" + path("workers.sbatch") + "'`")));
    EXPECT_TRUE(fs::exists(path("workers.sbatch")));
}

TEST_F(Slurm, GivenAnSbatchThatRefuses_ThenItsReasonIsTold) {
    program("sbatch", "echo 'sbatch: error: invalid partition specified: short' >&2; exit 1");
    EXPECT_THAT(refusal<InputError>([&] { run(squares(2), config(RunnerKind::slurm, 2)); }),
                HasSubstr("exit code 1: sbatch: error: invalid partition"));
}

TEST(JobsConfig, GivenKeysOfAnotherRunnerOrBadOptions_ThenTheyAreRefused) {
    const auto problem = [](const std::vector<std::string>& assignments) -> std::string {
        config::Node root;
        root.kind = config::Node::Kind::map;
        for (const std::string& assignment : assignments)
            config::apply_override(root, assignment);
        JobsConfig c;
        config::Section schema;
        describe(schema.section("jobs", ""), c);
        try {
            validate(c, config::read(root, schema));
        } catch (const InputError& e) {
            return e.what();
        }
        return "";
    };
    EXPECT_EQ(problem({"jobs.runner=slurm", "jobs.workers=9", "jobs.slurm_options=[--time=1:00:00, -p, -N1]"}), "");
    EXPECT_EQ(problem({"jobs.runner=workers", "jobs.attempts=1"}), "");
    EXPECT_THAT(problem({"jobs.runner=local", "jobs.patience=3"}), HasSubstr("jobs.patience"));
    EXPECT_THAT(problem({"jobs.runner=slurm", "jobs.slurm_options=[time]"}), HasSubstr("begin with -"));
}

}  // namespace
}  // namespace xloop::jobs_test
