/**
 * Backup: an organization with its secrets as one encrypted stream, and back into this or another
 * installation.
 *
 * <h2>The format, version 1</h2>
 *
 * Numbers are unsigned and big-endian. {@code |} joins, {@code "text"} is ASCII without an end
 * mark.
 *
 * <pre>
 * file    = header | chunk ... chunk
 *
 * header  = fixed | key | mac
 * fixed   = "TKBACKUP" (8) | format 1 (1) | kind (1) | file id (16 random bytes)
 * key     = of kind 1, a passphrase:
 *             memory in KiB (4) | iterations (4) | lanes (1) | salt (16 random bytes)
 *           of kind 2, a recipient:
 *             key id (8) | HPKE encapsulation (32)
 * mac     = HMAC-SHA-256 of fixed | key under the MAC key (32)
 *
 * secret  = of kind 1: Argon2id, version 0x13, of the passphrase's bytes with these parameters (32)
 *           of kind 2: HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
 *             AES-256-GCM; info = "tenantkit backup 1" | fixed | key id;
 *             the exporter's secret (RFC 9180, 5.3) for "tenantkit backup 1 secret" (32)
 * key id  = the first 8 bytes of SHA-256 of "tenantkit backup recipient 1" | public key (32)
 *
 * prk         = HKDF-Extract with SHA-256, salt = fixed | key, input = secret
 * MAC key     = HKDF-Expand of prk, info = "tenantkit backup 1 mac" (32)
 * chunk key   = HKDF-Expand of prk, info = "tenantkit backup 1 chunks" (32)
 * prefix      = HKDF-Expand of prk, info = "tenantkit backup 1 nonce" (7)
 *
 * chunk   = AES-256-GCM under the chunk key of 65,536 bytes of the payload, of the last chunk 1 to
 *           65,536, followed by the tag (16);
 *           nonce = prefix | number of the chunk from 0 (4) | 1 for the last chunk, else 0 (1);
 *           associated data = header
 *
 * payload = record ... record
 * record  = length (4) | JSON in UTF-8, at most 262,144 bytes
 *           | count of values (2), at most 64
 *           | for each: length (4), at most 16 MiB | bytes
 * </pre>
 *
 * Each record's JSON has the member {@code record}; those with a question mark may be missing, and
 * no other is allowed. Times are as ISO 8601 with at most six digits of a second, names of
 * constants in lower case. They come in this order:
 *
 * <pre>
 * manifest        organization, createdAt, environments
 * organization    name, plan, pool (JSON of limits, as text), metadata, longestLifetime?, rotateAfter?,
 *                 unusedAfter?, prefixName?
 * then for each team
 *   team          id, name, keysLeftOut
 *   team_member   kind, id                                 one for each person or agent
 * then for each integration
 *   integration   id, provider, environment, name, enabled, config, credentialVersion (0 for none),
 *                 createdBy, createdAt
 * then for each webhook endpoint
 *   webhook       id, url, description, events, secretOverlapUntil?, createdBy, createdAt
 * then for each secret
 *   secret        id, project, environment, name, type, text, tags, metadata, maxVersions, newest,
 *                 current (0 for none), pending?, previous?, expiresAt?, deletedAt?, access?, teams?
 *                 (ids of teams above), ownerKind, owner, createdAt; what belongs to an integration
 *                 or a webhook is in the project of that kind, under its id
 *   secret_version  number, state, destination (canonical text), expiresAt?, createdBy, createdAt,
 *                 fields                                   one for each version, by number; the
 *                                                          record's values are the fields', in order
 * then for each policy of rotation
 *   rotation      project, environment, name (of its secret above), everySeconds? or at?,
 *                 noticeSeconds, overlapSeconds, dueAt?, lastRotatedAt?, and of a version whose
 *                 overlap has not ended: retires (its number), retireAt, rotationId
 * end             records (how many come before it)
 * </pre>
 *
 * Nothing follows the last chunk. A reader first demands the bounds of the header (memory 8 to
 * 262,144 KiB and at least 8 for each lane, iterations 1 to 16, lanes 1 to 16), then the MAC, which
 * also tells that the key is the right one and commits the file to it, and then opens chunk by
 * chunk. A wrong key and any altered byte get the same answer.
 *
 * <p>In clear are only the header's facts. The length of the file tells about how much is in it.
 */
@NullMarked
package io.tenantkit.vault.backup;

import org.jspecify.annotations.NullMarked;
