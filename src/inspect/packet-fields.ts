import { quotedText } from './safe-text.ts';
import { type ShownField, shownFields } from './shown-field.ts';
import type { DecodedPacket } from './stream-decoder.ts';

/** The fields of a packet, with what is known of them from other packets. */
export function packetFields(
  { inspection, links }: Pick<DecodedPacket, 'inspection' | 'links'>,
  showSecrets = false,
): ShownField[] {
  const fields = shownFields(inspection, showSecrets);
  const topic = links?.aliasTopic;
  if (topic === undefined) return fields;
  const alias = fields.find(({ name }) => name === 'topicAlias')?.value;
  const remark = `alias ${String(alias)} = ${quotedText(topic)}`;
  return fields.map((field) => (field.name === 'topicName' ? { ...field, remark } : field));
}
