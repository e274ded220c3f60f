#pragma once

#include "core/json.hpp"
#include "core/sqlite.hpp"
#include "nas/candidate.hpp"

#include <string>
#include <vector>

namespace xloop {

/// What a search found, in one SQLite file that other programs can ask: tables `run` (key, value), `candidates` with a row for each
/// candidate, `accuracies` with its counts, `figures` of the hardware by estimate and cycle model, `jobs` with who did what when. All
/// but `jobs` depends on the configuration alone, not on who worked.
class SearchStore {
public:
    /// Made where it is absent; read only with Access::read_only. Throws InputError where it is no store.
    explicit SearchStore(const std::string& path, sqlite::Access access = sqlite::Access::read_write);

    /// Those from place `first` on, in one transaction: what was there of candidates from that id on is replaced.
    void keep(const std::vector<Candidate>& candidates, std::size_t first = 0);
    std::vector<Candidate> candidates() const;

    /// Facts of the run by name: versions, configuration, the space, the baseline, seconds.
    void set(const std::string& key, const std::string& value);
    /// Empty where it is not known.
    std::string get(const std::string& key) const;

    /// Replaces the provenance of finished jobs: an object for each, as workers write it.
    void keep_jobs(const std::vector<Json>& provenance);
    /// Of all jobs, by worker: how many and for how many seconds.
    struct Share {
        std::string worker;
        int jobs = 0;
        double seconds = 0.0;
    };
    std::vector<Share> workers() const;

private:
    std::string path_;
    mutable sqlite::Database database_;
};

}  // namespace xloop
