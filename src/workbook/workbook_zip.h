/* workbook_zip.h - how hard a workbook is compressed. libxlsxwriter asks minizip for zlib's default level and has no
 * setting for it: a third of an export's time. At level 3 it is half of that, and the file 14 % larger. */
#ifndef MB_WORKBOOK_WORKBOOK_ZIP_H
#define MB_WORKBOOK_WORKBOOK_ZIP_H

/* From now on in this process. */
void workbook_zip_use(void);

#endif
