{
  "variables": {
    # Where oneDNN is installed when it is not on the compiler's own search path.
    "onednn_root%": "<!(node -p \"process.env.ONEDNN_ROOT || ''\")",
    "sanitize%": "<!(node -p \"process.env.VMFDAG_SANITIZE || ''\")",
  },
  "targets": [
    {
      "target_name": "onednn",
      "sources": [
        "src/addon.cpp",
        "src/batch_norm.cpp",
        "src/convolution.cpp",
        "src/elementwise.cpp",
        "src/example_gradients.cpp",
        "src/gemm.cpp",
        "src/gradient_statistics.cpp",
        "src/layout.cpp",
        "src/memory.cpp",
        "src/minibatch.cpp",
        "src/optimiser.cpp",
        "src/pooling.cpp",
        "src/reduction.cpp",
        "src/runtime.cpp",
        "src/softmax.cpp",
        "src/sparse.cpp",
        "src/vector_kernels.cpp",
        "src/vector_kernels_avx2.cpp",
        "src/vector_kernels_avx512.cpp",
        "src/vector_kernels_neon.cpp",
        "src/winograd.cpp",
      ],
      "dependencies": ["<!(node -p \"require('node-addon-api').targets\"):node_addon_api_except"],
      "defines": ["NAPI_VERSION=8"],
      "libraries": ["-ldnnl"],
      "cflags": ["-Wall", "-Wextra", "-Werror", "-O3"],
      # -O3 must come after node-gyp's own -O; -ffp-contract=fast is what lets a product and a sum become one instruction.
      "cflags_cc": ["-std=c++17", "-fvisibility=hidden", "-ffp-contract=fast", "-fno-math-errno"],
      "conditions": [
        ["onednn_root != ''", {
          "include_dirs": ["<(onednn_root)/include"],
          "libraries": ["-L<(onednn_root)/lib", "-Wl,-rpath,<(onednn_root)/lib"],
        }],
        ["OS == 'linux'", {"cflags_cc": ["-fopenmp"], "ldflags": ["-fopenmp"]}],
        ["OS == 'mac'", {
          "xcode_settings": {
            "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
            "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
            "GCC_OPTIMIZATION_LEVEL": "3",
            "WARNING_CFLAGS": ["-Wall", "-Wextra", "-Werror"],
          },
        }],
        ["sanitize != ''", {
          "cflags": ["-fsanitize=<(sanitize)", "-fno-omit-frame-pointer", "-g"],
          "ldflags": ["-fsanitize=<(sanitize)"],
        }],
      ],
    },
  ],
}
