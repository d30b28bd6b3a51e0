/* The words on an invoice. A missing one would show as an empty label,
 * so the tests go through all of them. */
#include "sandbox/invoice/labels.h"
#include "base/require.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct labels all_labels[LANGUAGE_COUNT] = {
    [LANGUAGE_EN] = {.code = "en",
                     .invoice = "Invoice",
                     .receipt = "Receipt",
                     .number = "Invoice no.",
                     .date = "Date",
                     .due = "Due date",
                     .order = "Your order",
                     .delivery_note = "Delivery note",
                     .bill_to = "Bill to",
                     .from = "From",
                     .payment = "Payment",
                     .customer_vat = "Your tax ID",
                     .item = "Item",
                     .description = "Description",
                     .quantity = "Quantity",
                     .unit_price = "Unit price",
                     .rate = "Tax",
                     .amount = "Amount",
                     .net = "Subtotal",
                     .tax_on = "on",
                     .total = "Total due",
                     .sum = "TOTAL",
                     .page = "Page * of *",
                     .intro = "Thank you for your order. We have supplied the following:",
                     .terms = "Please pay by *, quoting the invoice number.",
                     .thanks = "Thank you for your business.",
                     .phone = "Phone",
                     .receipt_number = "Receipt no.",
                     .paid_by_card = "Paid by card",
                     .months = {"January", "February", "March", "April", "May", "June", "July",
                                "August", "September", "October", "November", "December"}},
    [LANGUAGE_DE] = {.code = "de",
                     .invoice = "Rechnung",
                     .receipt = "Quittung",
                     .number = "Rechnungs-Nr.",
                     .date = "Datum",
                     .due = "Zahlbar bis",
                     .order = "Ihre Bestellung",
                     .delivery_note = "Lieferschein",
                     .bill_to = "Rechnung an",
                     .from = "Von",
                     .payment = "Zahlung",
                     .customer_vat = "Ihre USt-IdNr.",
                     .item = "Artikel",
                     .description = "Bezeichnung",
                     .quantity = "Menge",
                     .unit_price = "Einzelpreis",
                     .rate = "MwSt.",
                     .amount = "Betrag",
                     .net = "Nettobetrag",
                     .tax_on = "auf",
                     .total = "Rechnungsbetrag",
                     .sum = "SUMME",
                     .page = "Seite * von *",
                     .intro = "Wir danken für Ihren Auftrag und berechnen Ihnen wie folgt:",
                     .terms = "Zahlbar bis * ohne Abzug, bitte mit Angabe der Rechnungsnummer.",
                     .thanks = "Vielen Dank für Ihren Auftrag.",
                     .phone = "Telefon",
                     .receipt_number = "Beleg-Nr.",
                     .paid_by_card = "Kartenzahlung"},
    [LANGUAGE_FR] = {.code = "fr",
                     .invoice = "Facture",
                     .receipt = "Ticket",
                     .number = "Facture n°",
                     .date = "Date",
                     .due = "Échéance",
                     .order = "Votre commande",
                     .delivery_note = "Bon de livraison",
                     .bill_to = "Facturé à",
                     .from = "Émetteur",
                     .payment = "Règlement",
                     .customer_vat = "Votre n° de TVA",
                     .item = "Réf.",
                     .description = "Désignation",
                     .quantity = "Quantité",
                     .unit_price = "Prix unitaire",
                     .rate = "TVA",
                     .amount = "Montant",
                     .net = "Total HT",
                     .tax_on = "sur",
                     .total = "Total TTC",
                     .sum = "TOTAL TTC",
                     .page = "Page * sur *",
                     .intro = "Nous vous remercions de votre commande, facturée comme suit :",
                     .terms = "Règlement au plus tard le *, sans escompte.",
                     .thanks = "Merci de votre confiance.",
                     .phone = "Tél.",
                     .receipt_number = "Ticket n°",
                     .paid_by_card = "Carte bancaire"},
    [LANGUAGE_ES] = {.code = "es",
                     .invoice = "Factura",
                     .receipt = "Recibo",
                     .number = "Factura n.º",
                     .date = "Fecha",
                     .due = "Vencimiento",
                     .order = "Su pedido",
                     .delivery_note = "Albarán",
                     .bill_to = "Facturar a",
                     .from = "Emisor",
                     .payment = "Forma de pago",
                     .customer_vat = "Su NIF",
                     .item = "Código",
                     .description = "Descripción",
                     .quantity = "Cantidad",
                     .unit_price = "Precio",
                     .rate = "IVA",
                     .amount = "Importe",
                     .net = "Base imponible",
                     .tax_on = "sobre",
                     .total = "Total factura",
                     .sum = "TOTAL",
                     .page = "Página * de *",
                     .intro = "Gracias por su pedido. Le facturamos lo siguiente:",
                     .terms = "Pago por transferencia antes del *.",
                     .thanks = "Gracias por su confianza.",
                     .phone = "Tel.",
                     .receipt_number = "Recibo n.º",
                     .paid_by_card = "Pago con tarjeta"},
    [LANGUAGE_IT] = {.code = "it",
                     .invoice = "Fattura",
                     .receipt = "Scontrino",
                     .number = "Fattura n.",
                     .date = "Data",
                     .due = "Scadenza",
                     .order = "Vostro ordine",
                     .delivery_note = "Bolla di consegna",
                     .bill_to = "Spett.le",
                     .from = "Emittente",
                     .payment = "Pagamento",
                     .customer_vat = "Vostra P. IVA",
                     .item = "Codice",
                     .description = "Descrizione",
                     .quantity = "Quantità",
                     .unit_price = "Prezzo unit.",
                     .rate = "IVA",
                     .amount = "Importo",
                     .net = "Imponibile",
                     .tax_on = "su",
                     .total = "Totale fattura",
                     .sum = "TOTALE",
                     .page = "Pagina * di *",
                     .intro = "Vi ringraziamo per l’ordine e fatturiamo quanto segue:",
                     .terms = "Pagamento tramite bonifico entro il *.",
                     .thanks = "Grazie per la fiducia.",
                     .phone = "Tel.",
                     .receipt_number = "Scontrino n.",
                     .paid_by_card = "Pagamento con carta"},
    [LANGUAGE_NL] = {.code = "nl",
                     .invoice = "Factuur",
                     .receipt = "Kassabon",
                     .number = "Factuurnr.",
                     .date = "Datum",
                     .due = "Vervaldatum",
                     .order = "Uw bestelling",
                     .delivery_note = "Pakbon",
                     .bill_to = "Factuur aan",
                     .from = "Van",
                     .payment = "Betaling",
                     .customer_vat = "Uw btw-nummer",
                     .item = "Artikel",
                     .description = "Omschrijving",
                     .quantity = "Aantal",
                     .unit_price = "Prijs",
                     .rate = "Btw",
                     .amount = "Bedrag",
                     .net = "Subtotaal",
                     .tax_on = "over",
                     .total = "Totaal",
                     .sum = "TOTAAL",
                     .page = "Pagina * van *",
                     .intro = "Hartelijk dank voor uw opdracht. Wij factureren als volgt:",
                     .terms = "Te betalen vóór * onder vermelding van het factuurnummer.",
                     .thanks = "Hartelijk dank voor uw vertrouwen.",
                     .phone = "Tel.",
                     .receipt_number = "Bonnr.",
                     .paid_by_card = "Betaald met pin"},
};

const struct labels *labels_of(enum language l)
{
    REQUIRE(l < LANGUAGE_COUNT);
    return &all_labels[l];
}

const char *label_fill(char *out, size_t size, const char *pattern, const char *a, const char *b)
{
    size_t len = 0;
    for (const char *p = pattern; *p && len + 1 < size; p++) {
        if (*p != '*' || !a) {
            out[len++] = *p;
            continue;
        }
        int n = snprintf(out + len, size - len, "%s", a);
        REQUIRE(n >= 0 && (size_t)n < size - len);
        len += (size_t)n;
        a = b;
        b = NULL;
    }
    out[len] = '\0';
    return out;
}

struct date date_add_days(struct date d, int days)
{
    struct tm tm = {
        .tm_year = d.year - 1900, .tm_mon = d.month - 1, .tm_mday = d.day + days, .tm_hour = 12};
    time_t t = timegm(&tm);
    REQUIRE(gmtime_r(&t, &tm) != NULL);
    return (struct date){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday};
}

const char *date_show(enum date_style style, struct date d, char out[DATE_TEXT_MAX])
{
    const char *month = all_labels[LANGUAGE_EN].months[d.month - 1];
    switch (style) {
    case DATE_DOTS:
        snprintf(out, DATE_TEXT_MAX, "%02d.%02d.%04d", d.day, d.month, d.year);
        break;
    case DATE_SLASHES:
        snprintf(out, DATE_TEXT_MAX, "%02d/%02d/%04d", d.day, d.month, d.year);
        break;
    case DATE_DASHES:
        snprintf(out, DATE_TEXT_MAX, "%02d-%02d-%04d", d.day, d.month, d.year);
        break;
    case DATE_ISO:
        snprintf(out, DATE_TEXT_MAX, "%04d-%02d-%02d", d.year, d.month, d.day);
        break;
    case DATE_GB:
        snprintf(out, DATE_TEXT_MAX, "%d %s %04d", d.day, month, d.year);
        break;
    case DATE_US:
        snprintf(out, DATE_TEXT_MAX, "%s %d, %04d", month, d.day, d.year);
        break;
    }
    return out;
}
