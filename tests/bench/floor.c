/* The floor under `oak-verifier check`: a static program that reads the same files and does the same number of Ed25519
   verifications, and nothing else. Usage: floor VERIFICATIONS FILE... */
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  unsigned char key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES], seed[crypto_sign_SEEDBYTES] = {1};
  unsigned char signature[crypto_sign_BYTES], message[512] = {0};
  static char buffer[65536];
  int i, failures = 0;
  if (argc < 2 || sodium_init() < 0) return 2;
  crypto_sign_seed_keypair(key, secret, seed);
  crypto_sign_detached(signature, 0, message, sizeof message, secret);
  for (i = 2; i < argc; i++) {
    int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    while (read(fd, buffer, sizeof buffer) > 0) {
    }
    close(fd);
  }
  for (i = 0; i < atoi(argv[1]); i++) failures += crypto_sign_verify_detached(signature, message, sizeof message, key) != 0;
  return failures != 0;
}
