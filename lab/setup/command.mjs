import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const running = new Set();

/** Runs a program quietly and answers { code, stdout, stderr }; code 127 when there is no such program. Never throws. */
export function capture(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = track(spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }));
    const out = { stdout: '', stderr: '' };
    child.stdout.on('data', (data) => (out.stdout += data));
    child.stderr.on('data', (data) => (out.stderr += data));
    child.on('error', (error) => resolve({ code: 127, stdout: '', stderr: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, ...out }));
  });
}

/** Runs a program whose output the person sees, and answers its exit code (128 + number for a signal, as a shell does). */
export function show(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = track(spawn(program, args, { stdio: 'inherit', ...options }));
    child.on('error', () => resolve(127));
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

/** Passes a signal on to every program that runs now. */
export function signalAll(signal) {
  for (const child of running) child.kill(signal);
}

/** The full path of a program on PATH or in the system's own directories (an ordinary user's PATH lacks sbin), or undefined. */
export function which(program) {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin'];
  return places.map((place) => join(place, program)).find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function track(child) {
  running.add(child);
  child.on('close', () => running.delete(child));
  child.on('error', () => running.delete(child));
  return child;
}
