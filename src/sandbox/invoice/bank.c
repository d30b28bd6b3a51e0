/* See bank.h. An IBAN's check digits are 98 minus what the rest, with the country behind it, leaves
 * when divided by 97 (ISO 13616); letters count as 10 to 35. */
#include "sandbox/invoice/bank.h"

#include "base/require.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* What stands behind LABEL, up to the next " · ". */
static void read_part(const char *line, const char *label, char out[BANK_PART_MAX])
{
    const char *at = strstr(line, label);
    if (at == NULL || out[0] != '\0')
        return;
    at += strlen(label);
    const char *end = strstr(at, " · ");
    size_t len = end != NULL ? (size_t)(end - at) : strlen(at);
    REQUIRE(len < BANK_PART_MAX);
    memcpy(out, at, len);
    out[len] = '\0';
}

void bank_read(const char *line, struct bank *out)
{
    static const char *const routing[] = {"Sort code ", "ACH routing ", "Transit "};
    static const char *const accounts[] = {"Account ", "Ordinary ", "Compte "};
    memset(out, 0, sizeof *out);
    if (line == NULL)
        return;
    REQUIRE(text_copy(out->text, sizeof out->text, line));
    read_part(line, "IBAN ", out->iban);
    read_part(line, "BIC ", out->bic);
    for (size_t i = 0; i < 3; i++) {
        read_part(line, routing[i], out->routing);
        read_part(line, accounts[i], out->account);
    }
}

static unsigned digit_of(char c)
{
    return c >= '0' && c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'A' + 10);
}

static unsigned remainder_of(unsigned so_far, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == ' ')
            continue;
        unsigned digit = digit_of(*text);
        so_far = (so_far * (digit > 9 ? 100 : 10) + digit) % 97;
    }
    return so_far;
}

void iban_make_valid(char *iban)
{
    if (strlen(iban) < 5 || iban[strspn(iban, " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")] != '\0')
        return;
    char country[5] = {iban[0], iban[1], '0', '0', '\0'};
    unsigned check = 98 - remainder_of(remainder_of(0, iban + 4), country);
    iban[2] = (char)('0' + check / 10);
    iban[3] = (char)('0' + check % 10);
}

void bank_change_iban(struct bank *b, unsigned n)
{
    char former[BANK_PART_MAX];
    strcpy(former, b->iban);
    for (size_t i = strlen(b->iban), changed = 0; i > 4 && changed < 4; i--) {
        char *c = &b->iban[i - 1];
        if (*c < '0' || *c > '9')
            continue;
        *c = (char)('0' + (*c - '0' + (int)(n % 9) + 1 + (int)changed) % 10);
        changed++;
    }
    iban_make_valid(b->iban);
    char *at = strstr(b->text, former);
    REQUIRE(at != NULL && strcmp(former, b->iban) != 0);
    memcpy(at, b->iban, strlen(former));
}
