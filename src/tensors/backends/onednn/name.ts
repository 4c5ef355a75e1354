/** Without an underscore: the kernel registry joins a backend's name to a kernel's with one, and splits there again. */
export const BACKEND_NAME = 'onednn';
