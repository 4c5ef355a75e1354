/** An environment variable that the command line, a worker or something that they call reads. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly meaning: string;
}

/** Shown by `vmfdag --help` and in docs/cli.md. None of them changes a result, or decides what is up to date. */
export const ENVIRONMENT: readonly EnvironmentVariable[] = [
  { name: 'NO_COLOR', meaning: 'set to anything: no colours' },
  { name: 'FORCE_COLOR', meaning: 'set: colours where standard output is no terminal' },
  {
    name: 'VMFDAG_ALLOW_NETWORK_CACHE',
    meaning: '1: the cache may lie on a network file system, where other machines may run at the same time',
  },
  { name: 'VMFDAG_ATTEMPT', meaning: 'set by vmfdag itself, when it has to restart under another process number' },
  {
    name: 'VMFDAG_SHARED_CACHE',
    meaning: 'the address of the shared cache, instead of that in the settings; empty for none',
  },
  { name: 'GITHUB_STEP_SUMMARY', meaning: 'the file to which --notify github adds' },
  { name: 'VMFDAG_SHARED_CACHE_TOKEN', meaning: 'a token that a shared cache on a web server asks for (Bearer)' },
  { name: 'AWS_ACCESS_KEY_ID', meaning: 'credentials for a shared cache in a bucket (s3://)' },
  { name: 'AWS_SECRET_ACCESS_KEY', meaning: 'see AWS_ACCESS_KEY_ID' },
  { name: 'AWS_SESSION_TOKEN', meaning: 'see AWS_ACCESS_KEY_ID' },
  { name: 'AWS_REGION', meaning: 'the region of the bucket (default: AWS_DEFAULT_REGION, then us-east-1)' },
  { name: 'AWS_DEFAULT_REGION', meaning: 'see AWS_REGION' },
  { name: 'AWS_ENDPOINT_URL_S3', meaning: 'the server of the bucket, where it is not AWS itself' },
  { name: 'AWS_ENDPOINT_URL', meaning: 'see AWS_ENDPOINT_URL_S3' },
  { name: 'XDG_CONFIG_HOME', meaning: 'where vmfdag/settings.yaml is looked for (default: ~/.config)' },
  { name: 'PYTHONPATH', meaning: 'where the Python of an executor of the kind futures finds modules too' },
  { name: 'npm_config_NAME', meaning: 'a setting of npm, for data sets that come from its registry' },
  {
    name: 'PATH',
    meaning:
      'where the programs of commands are looked for, and Python, R, git, strace, uv, micromamba, pixi and runners of containers',
  },
  { name: 'CONTAINERS_NAME', meaning: 'settings of podman, for commands that run by it' },
  { name: 'DOCKER_NAME', meaning: 'settings of docker, for commands that run by it' },
  { name: 'MAMBA_NAME', meaning: 'settings of micromamba, for commands that run by it' },
  { name: 'MLFLOW_TRACKING_USERNAME', meaning: 'how metrics export --mlflow is let in, unless its address says it' },
  { name: 'MLFLOW_TRACKING_PASSWORD', meaning: 'see MLFLOW_TRACKING_USERNAME' },
  { name: 'MLFLOW_TRACKING_TOKEN', meaning: 'see MLFLOW_TRACKING_USERNAME' },
  { name: 'DISPLAY', meaning: 'whether there is a browser to open the live page in' },
  { name: 'WAYLAND_DISPLAY', meaning: 'see DISPLAY' },
  { name: 'HOME', meaning: 'the folder of .npmrc, if npm itself is missing (USERPROFILE on Windows)' },
  { name: 'USERPROFILE', meaning: 'see HOME' },
  { name: 'XDG_CACHE_HOME', meaning: 'the folder of the cache of units, instead of ~/.cache' },
  { name: 'GLIBC_TUNABLES', meaning: 'settings of malloc, for workers too: vmfdag then sets none' },
  { name: 'MALLOC_NAME', meaning: 'see GLIBC_TUNABLES' },
  { name: 'LD_LIBRARY_PATH', meaning: 'where the libraries of CUDA are looked for, before the system’s folders' },
  { name: 'CUDA_VISIBLE_DEVICES', meaning: 'GPUs that nodes may use; those that ask for some get their own of them' },
  { name: 'TF_CPP_MIN_LOG_LEVEL', meaning: 'how much libtensorflow logs under tfjs-node (default: 1)' },
];
