/* See currency.h. Codes stand in one text in alphabetical order, four bytes each, and are found by halving. */
#include "tables/currency.h"

#include <string.h>

enum { CODE = 3, STEP = 4 };

static const char codes[] =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP "
    "BYN BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP "
    "GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES "
    "KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR "
    "MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB "
    "RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD "
    "TWD TZS UAH UGX USD UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG "
    "ZWL ";

static const char without_decimals[] =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ";
static const char with_three[] = "BHD IQD JOD KWD LYD OMR TND ";
static const char with_four[] = "CLF UYW ";

static bool among(const char *list, size_t size, const char *code, size_t len)
{
    size_t low = 0, high = size / STEP;
    if (len != CODE)
        return false;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = memcmp(code, list + middle * STEP, CODE);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

int currency_decimals(const char *code, size_t len)
{
    if (among(without_decimals, sizeof without_decimals - 1, code, len))
        return 0;
    if (among(with_three, sizeof with_three - 1, code, len))
        return 3;
    return among(with_four, sizeof with_four - 1, code, len) ? 4 : CURRENCY_DECIMALS;
}

bool currency_known(const char *code, size_t len)
{
    return among(codes, sizeof codes - 1, code, len);
}
