// Holds signals back while oneDNN's generated code runs.
//
// Its matrix products for AVX2 and AVX-512 use the stack pointer as one more register, which then points into the heap, in
// all versions before 3.11.1 (oneDNN issue 4845). A signal handler that runs meanwhile, such as that of a sampling
// profiler (node --cpu-prof), overwrites whatever is there.
#pragma once

#include <csignal>
#include <pthread.h>

class SignalGuard {
 public:
  SignalGuard() {
    sigset_t all;
    sigfillset(&all);
    // Signals that the code itself may raise cannot wait.
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) sigdelset(&all, fault);
    pthread_sigmask(SIG_BLOCK, &all, &previous_);
  }
  ~SignalGuard() { pthread_sigmask(SIG_SETMASK, &previous_, nullptr); }
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

 private:
  sigset_t previous_;
};
