import { crc32 } from 'node:zlib';

const FILE = 0x04034b50;
const ENTRY = 0x02014b50;
const END = 0x06054b50;

/** A zip archive of one stored (not compressed) file: the shape in which GitHub hands out a run's logs. Field order: APPNOTE 4.3. */
export function zipOf(name: string, content: Buffer): Buffer {
  const sum = crc32(content);
  const fields = [20, 0, 0, 0, 0x21, sum & 0xffff, sum >>> 16, ...two(content.length), ...two(content.length), Buffer.byteLength(name), 0];
  const file = Buffer.concat([words(FILE, fields), Buffer.from(name), content]);
  const entry = Buffer.concat([words(ENTRY, [20, ...fields, 0, 0, 0, ...two(0), ...two(0)]), Buffer.from(name)]);
  return Buffer.concat([file, entry, words(END, [0, 0, 1, 1, ...two(entry.length), ...two(file.length), 0])]);
}

const two = (value: number): [number, number] => [value & 0xffff, value >>> 16];

/** A four-byte signature and then two-byte fields, little-endian. */
function words(signature: number, fields: readonly number[]): Buffer {
  const buffer = Buffer.alloc(4 + fields.length * 2);
  buffer.writeUInt32LE(signature, 0);
  fields.forEach((field, i) => void buffer.writeUInt16LE(field, 4 + i * 2));
  return buffer;
}
