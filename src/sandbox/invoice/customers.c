/* The buyer in all of it is one group with a company in each country, as accounts payable knows it;
 * and the currencies as each country writes them. */
#include "sandbox/invoice/tables.h"

const struct money_style money_eur_de = {"EUR", 2, ".", ",", "", " €"};
const struct money_style money_eur_fr = {"EUR", 2, "\u00a0", ",", "", "\u00a0€"};
const struct money_style money_eur_es = {"EUR", 2, ".", ",", "", " €"};
const struct money_style money_eur_it = {"EUR", 2, ".", ",", "€ ", ""};
const struct money_style money_eur_nl = {"EUR", 2, ".", ",", "€ ", ""};
const struct money_style money_gbp = {"GBP", 2, ",", ".", "£", ""};
const struct money_style money_usd = {"USD", 2, ",", ".", "$", ""};
const struct money_style money_chf = {"CHF", 2, "’", ".", "CHF ", ""};
const struct money_style money_jpy = {"JPY", 0, ",", ".", "¥", ""};
const struct money_style money_cad_fr = {"CAD", 2, "\u00a0", ",", "", "\u00a0$"};
const struct money_style money_sek = {"SEK", 2, "\u00a0", ",", "", "\u00a0kr"};

const struct customer customers[] = {
    {"Halden Instruments GmbH",
     {"8", "Lindenstraße", "10969", "Berlin", NULL, "DE", "Lindenstraße 8\n10969 Berlin"},
     "DE298817340"},
    {"Halden Instruments Süd GmbH",
     {"31", "Rosenheimer Straße", "81667", "München", NULL, "DE",
      "Rosenheimer Straße 31\n81667 München"},
     "DE305529118"},
    {"Halden Instruments France SAS",
     {"24", "rue de Rivoli", "75004", "Paris", NULL, "FR", "24 rue de Rivoli\n75004 Paris"},
     "FR61852207194"},
    {"Halden Services Lyon SARL",
     {"7", "quai Perrache", "69002", "Lyon", NULL, "FR", "7 quai Perrache\n69002 Lyon"},
     "FR27840115093"},
    {"Halden Ibérica S.A.",
     {"140", "Avenida Diagonal", "08018", "Barcelona", NULL, "ES",
      "Avenida Diagonal 140\n08018 Barcelona"},
     "A-65820417"},
    {"Halden Instruments UK Ltd",
     {"15", "Fenchurch Walk", "EC3M 5JE", "London", NULL, "GB",
      "15 Fenchurch Walk\nLondon EC3M 5JE"},
     "GB 318 4402 79"},
    {"Halden Calibration Ltd",
     {"3", "Station Approach", "CB1 2JW", "Cambridge", NULL, "GB",
      "3 Station Approach\nCambridge CB1 2JW"},
     "GB 322 9017 15"},
    {"Halden Instruments Inc.",
     {"500", "Congress Avenue", "78701", "Austin", "TX", "US",
      "500 Congress Avenue\nAustin, TX 78701"},
     NULL},
    {"Halden Field Services LLC",
     {"1180", "Guadalupe Street", "78701", "Austin", "TX", "US",
      "1180 Guadalupe Street\nAustin, TX 78701"},
     NULL},
    {"Halden Instrumente Schweiz AG",
     {"14", "Freie Strasse", "4001", "Basel", NULL, "CH", "Freie Strasse 14\n4001 Basel"},
     "CHE-219.640.377"},
    {"Halden Japan K.K.",
     {"1-9-2", "Marunouchi", "100-0005", "Tokyo", NULL, "JP",
      "1-9-2 Marunouchi, Chiyoda-ku\nTokyo 100-0005"},
     NULL},
    {"Halden Italia S.r.l.",
     {"22", "Via Torino", "20123", "Milano", NULL, "IT", "Via Torino 22\n20123 Milano"},
     "IT09428170963"},
    {"Halden Nederland B.V.",
     {"55", "Coolsingel", "3012 AB", "Rotterdam", NULL, "NL", "Coolsingel 55\n3012 AB Rotterdam"},
     "NL861740329B01"},
    {"Halden Instruments Canada inc.",
     {"1250", "rue Peel", "H3B 2T9", "Montréal", "QC", "CA",
      "1250, rue Peel\nMontréal (QC) H3B 2T9"},
     NULL},
    {"Halden Norden AB",
     {"18", "Drottninggatan", "111 51", "Stockholm", NULL, "SE",
      "Drottninggatan 18\n111 51 Stockholm"},
     "SE556918402701"},
    {"Halden Instruments Österreich GmbH",
     {"41", "Mariahilfer Straße", "1060", "Wien", NULL, "AT", "Mariahilfer Straße 41\n1060 Wien"},
     "ATU71840226"},
};

const int customer_count = (int)(sizeof customers / sizeof customers[0]);
