#include "core/error.hpp"
#include "core/files.hpp"
#include "jobs/child.hpp"
#include "jobs/crews/crew.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <filesystem>

namespace xloop {
namespace {

/// A file's name for #SBATCH --output, where % begins a pattern.
std::string pattern_text(const std::string& path) {
    std::string text;
    for (const char c : path)
        text += c == '%' ? "%%" : c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    return text;
}

std::string script_text(const CrewTask& task) {
    std::string text = fmt::format(
        "#!/bin/sh\n"
        "#SBATCH --job-name=xloop\n"
        "#SBATCH --array=0-{}\n"
        "#SBATCH --output=\"{}/slurm.%A_%a.log\"\n",
        task.config.workers - 1, pattern_text(task.jobs.workers_folder()));
    for (const std::string& option : task.config.slurm_options)
        text += "#SBATCH " + option + "\n";
    return text + "exec " + shell_text(task.work.worker_command) + "\n";
}

class SlurmCrew : public Crew {
public:
    explicit SlurmCrew(const CrewTask& task)
        : script_((std::filesystem::path(task.folder) / "workers.sbatch").string()), logs_(task.jobs.workers_folder()) {
        write_file_atomically(script_, script_text(task));
    }

    ~SlurmCrew() override {
        if (array_.empty())
            return;
        try {
            run({"scancel", array_});
        } catch (const std::exception& e) {
            spdlog::warn("job array {} of Slurm may go on for a while: {}", array_, e.what());
        }
    }

    void attend(const JobsInSight& sight, JobClock::time_point until) override {
        if (sight.closed != closed_) {
            closed_ = sight.closed;
            arrays_in_vain_ = 0;
        }
        if (array_.empty() || has_ended())
            submit();
        sleep_until(until);
    }

private:
    static std::string run(const std::vector<std::string>& command) {
        const ChildEnd end = run_to_end(command);
        const std::string output = end.output.substr(0, end.output.find_last_not_of(" \n") + 1);
        if (end.status != 0)
            throw Error(fmt::format("`{}` {}: {}", shell_text(command), end_text(end.status), output));
        return output;
    }

    void submit() {
        if (++arrays_in_vain_ > most_in_vain_)
            throw Error(fmt::format(
                "{} job arrays of Slurm one after the other ended before any job was done; what they said is in {}",
                most_in_vain_, logs_));
        const std::string said = sbatch();
        // Warnings may come before it, and the name of a cluster behind it.
        const std::string last = said.substr(said.rfind('\n') + 1);
        const std::string array = last.substr(0, last.find(';'));
        if (array.empty() || array.find_first_not_of("0123456789") != array.npos)
            throw Error("sbatch: expected the number of a job; it said: " + said);
        array_ = array;
        spdlog::info("job array {} of Slurm: {}", array_, script_);
        next_look_ = JobClock::now() + between_looks_;
    }

    std::string sbatch() const {
        try {
            return run({"sbatch", "--parsable", script_});
        } catch (const Error& e) {
            throw InputError(
                fmt::format("{}; {} is written: submit it by `sbatch {}` where that works, and run this meanwhile with "
                            "jobs.runner: local, which shares its jobs with those workers",
                            e.what(), script_, shell_text({script_})));
        }
    }

    /// An array may reach its time limit, or be cancelled.
    bool has_ended() {
        if (JobClock::now() < next_look_)
            return false;
        next_look_ = JobClock::now() + between_looks_;
        try {
            return run({"squeue", "--noheader", "--jobs=" + array_}).empty();
        } catch (const Error& e) {
            // What squeue says of a job that is long over; any other trouble passes.
            return std::string_view(e.what()).find("Invalid job id") != std::string_view::npos;
        }
    }

    static constexpr std::chrono::seconds between_looks_{20};
    static constexpr int most_in_vain_ = 5;

    const std::string script_, logs_;
    std::string array_;
    JobClock::time_point next_look_;
    std::size_t closed_ = 0;
    int arrays_in_vain_ = 0;
};

}  // namespace

std::unique_ptr<Crew> make_slurm_crew(const CrewTask& task) { return std::make_unique<SlurmCrew>(task); }

}  // namespace xloop
