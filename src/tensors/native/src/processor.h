// What decides the last bits of a result in addition to the code: two processes for which all of this is the same round alike.
#pragma once

#include <string>

namespace processor {

// Makes products of floats products of floats, whatever ONEDNN_DEFAULT_FPMATH_MODE says.
void fixArithmetic();

// The instruction set that oneDNN dispatches to, by its own name and number: a library that is newer than the headers may know more.
std::string instructionSet();

// The instruction set of this addon's own loops, which the loader and vector_kernels.cpp choose.
std::string ownInstructionSet();

// The data caches: their sizes decide in which blocks oneDNN sums.
std::string caches();

// The files of oneDNN and of the mathematical library that the process has loaded; empty where the system does not say.
std::string libraryFile();
std::string mathematicsFile();

}  // namespace processor
