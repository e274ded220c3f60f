// A library to preload: it lets the calls that write below a folder succeed up to some number of them, and then the disk is
// full, or the process is killed. It counts over a process and its children. See fault_setting.hpp.

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

template <class Function>
Function real(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

long number_of(const char* variable) {
    const char* text = std::getenv(variable);
    return text ? std::atol(text) : -1;
}

/// Shared with the process's children.
std::atomic<long>* counter() {
    static std::atomic<long>* const shared = [] {
        static std::atomic<long> own{0};
        const char* file = std::getenv("XLOOP_FAULT_COUNTER");
        const int descriptor = file ? real<int (*)(const char*, int, ...)>("open")(file, O_RDWR | O_CLOEXEC) : -1;
        if (descriptor < 0)
            return &own;
        void* place = ::mmap(nullptr, sizeof own, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
        ::close(descriptor);
        return place == MAP_FAILED ? &own : static_cast<std::atomic<long>*>(place);
    }();
    return shared;
}

bool is_watched(const char* path) {
    static const char* const folder = std::getenv("XLOOP_FAULT_FOLDER");
    return folder && std::strncmp(path, folder, std::strlen(folder)) == 0;
}

enum class Fate { passes, strikes, stays };

/// Of one more call about a path.
Fate next_fate(const char* path) {
    static const long at = number_of("XLOOP_FAULT_AT");
    static const bool kills = std::getenv("XLOOP_FAULT_KILLS") != nullptr;
    if (!is_watched(path))
        return Fate::passes;
    const long number = counter()->fetch_add(1) + 1;
    if (kills && number == at)
        ::kill(::getpid(), SIGKILL);
    return kills || at < 0 || number < at ? Fate::passes : number == at ? Fate::strikes : Fate::stays;
}

Fate next_fate(int descriptor) {
    char link[64], path[PATH_MAX];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = ::readlink(link, path, sizeof path - 1);
    if (length < 0)
        return Fate::passes;
    path[length] = '\0';
    return next_fate(path);
}

int full() {
    errno = ENOSPC;
    return -1;
}

int open_watched(const char* name, const char* path, int flags, mode_t mode) {
    if ((flags & O_CREAT) != 0 && next_fate(path) != Fate::passes)
        return full();
    return real<int (*)(const char*, int, ...)>(name)(path, flags, mode);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_watched("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_watched("open64", path, flags, mode);
}

/// The last bytes that find room are written.
ssize_t write(int descriptor, const void* bytes, size_t size) {
    const auto write_on = real<ssize_t (*)(int, const void*, size_t)>("write");
    switch (next_fate(descriptor)) {
    case Fate::passes: return write_on(descriptor, bytes, size);
    case Fate::strikes:
        if (size > 1)
            return write_on(descriptor, bytes, size / 2);
        break;
    case Fate::stays: break;
    }
    return full();
}

int fsync(int descriptor) {
    return next_fate(descriptor) == Fate::passes ? real<int (*)(int)>("fsync")(descriptor) : full();
}

int mkdir(const char* path, mode_t mode) {
    return next_fate(path) == Fate::passes ? real<int (*)(const char*, mode_t)>("mkdir")(path, mode) : full();
}

int rename(const char* from, const char* to) {
    return next_fate(from) == Fate::passes ? real<int (*)(const char*, const char*)>("rename")(from, to) : full();
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) {
    static const long most = number_of("XLOOP_FAULT_THREADS");
    static std::atomic<long> made{0};
    if (most >= 0 && made.fetch_add(1) >= most)
        return EAGAIN;
    return real<int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create")(
        thread, attributes, start, argument);
}

}  // extern "C"
