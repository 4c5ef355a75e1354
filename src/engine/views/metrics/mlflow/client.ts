import { Failure } from '../../../base/failure.ts';
import { type JsonObject, parseJsonObject } from '../../../base/json.ts';

const SECONDS = 60;
const SHOWN = 300;

/** Where a tracking server is, and how to be let in. */
export interface MlflowServer {
  /** Without a password. */
  readonly url: string;
  readonly authorization: string | undefined;
}

/**
 * Reads the address of a tracking server. A user and a password may be in it, or in MLflow's own environment variables.
 * @throws {Failure} kind `usage` where it is none
 */
export function mlflowServer(text: string, environment: NodeJS.ProcessEnv): MlflowServer {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new Failure('usage', {
      fact: '--mlflow is no address of a tracking server',
      fix: 'write for example --mlflow http://localhost:5000',
    });
  }
  const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME = '', MLFLOW_TRACKING_PASSWORD = '' } = environment;
  const user = url.username === '' ? MLFLOW_TRACKING_USERNAME : decodeURIComponent(url.username);
  const password = url.username === '' ? MLFLOW_TRACKING_PASSWORD : decodeURIComponent(url.password);
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return {
    url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    authorization: user === '' ? token && `Bearer ${token}` : basic,
  };
}

/** A call of MLflow's REST interface. Undefined: the server says that what was asked for does not exist. */
export type MlflowCall = (method: 'GET' | 'POST', path: string, body: JsonObject) => Promise<JsonObject | undefined>;

/** @returns calls that throw a {Failure} of kind `environment` where the server refuses, or cannot be reached */
export function mlflowClient({ url, authorization }: MlflowServer): MlflowCall {
  return async (method, path, body) => {
    const query = method === 'GET' ? `?${new URLSearchParams(body as Record<string, string>)}` : '';
    const refused = (fact: string, fix: string, cause?: unknown) =>
      new Failure('environment', { fact: `${url}: ${fact}`, fix }, { cause });
    let status: number;
    let text: string;
    try {
      const response = await fetch(`${url}/api/2.0/mlflow/${path}${query}`, {
        method,
        redirect: 'error',
        headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
        ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(SECONDS * 1000),
      });
      ({ status } = response);
      text = await response.text();
    } catch (error) {
      const { message, cause } = error as Error;
      const reason = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message;
      throw refused(`no answer (${reason})`, 'check the address, and that the tracking server runs', error);
    }
    const answer = parseJsonObject(text);
    if (status === 404 && answer?.error_code === 'RESOURCE_DOES_NOT_EXIST') return undefined;
    if (status === 200 && answer) return answer;
    const told = typeof answer?.message === 'string' ? answer.message : text.trim();
    const fix = [401, 403].includes(status)
      ? 'name a user and a password in the address, or in MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD'
      : 'check that it is the address of an MLflow tracking server';
    throw refused(`${path} was answered with ${status}: ${told.slice(0, SHOWN)}`, fix);
  };
}
