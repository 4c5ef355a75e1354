import { MISSING } from './numbers.ts';

/** `0.4 ms`, `12.3 s`, `4 min 05 s`, `2 h 03 min`, `3 d 4 h`. */
export function formatSeconds(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return MISSING;
  if (seconds < 0.001) return seconds <= 0 ? '0 s' : '< 1 ms';
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${seconds < 9.995 ? seconds.toFixed(2) : seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A remaining time, which nobody knows to the second: `about 4 min`. */
export function formatRemaining(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return MISSING;
  if (seconds < 1) return 'less than 1 s';
  if (seconds < 60) return `about ${Math.ceil(seconds)} s`;
  if (seconds < 3570) return `about ${Math.round(seconds / 60)} min`;
  const minutes = Math.round(seconds / 300) * 5;
  if (minutes < 24 * 60) return `about ${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  return `about ${Math.round(seconds / 86_400)} d`;
}

/** `14:03:22`, of today; of other days `2026-11-28 14:03`. In the reader's time zone. */
export function formatClock(time: string | number | null | undefined, now = Date.now()): string {
  if (time === null || time === undefined) return MISSING;
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return MISSING;
  const today = new Date(now);
  const sameDay =
    date.getFullYear() === today.getFullYear() &&
    date.getMonth() === today.getMonth() &&
    date.getDate() === today.getDate();
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (sameDay) return `${clock}:${two(date.getSeconds())}`;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}

/** `2026-11-28 14:03 UTC`, for what is read elsewhere and later. */
export function formatUtc(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}

/** Steps of a time axis in seconds: 1, 2, 5, 10, 15, 30 of seconds, minutes and hours. */
export function timeStep(span: number, ticks: number): number {
  const wanted = span / Math.max(1, ticks);
  if (wanted <= 0) return 1;
  if (wanted < 1) {
    const scale = 10 ** Math.floor(Math.log10(wanted));
    return ([1, 2, 5, 10].find((factor) => factor * scale >= wanted) ?? 10) * scale;
  }
  return LONG_STEPS.find((step) => step >= wanted) ?? Math.ceil(wanted / 86_400) * 86_400;
}

const LONG_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** A label of a time axis that has this step: `0.25 s`, `1:30`, `2:05:00`. */
export function timeTick(seconds: number, step: number): string {
  if (step < 1) return `${Number(seconds.toFixed(Math.ceil(-Math.log10(step))))} s`;
  const whole = Math.round(seconds);
  if (whole < 60 && step < 60) return `${whole} s`;
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
