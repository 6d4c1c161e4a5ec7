"""Fields of settings and orders, in the order the Webservice shows them."""

from shops.connectors.prestashop.simulator.fields import table

LANGUAGE = table("""
    name             text isGenericName max=32 required
    iso_code         text isLanguageIsoCode max=2 required
    locale           text isLocale max=5
    language_code    text isLanguageCode max=5
    active           bool isBool
    is_rtl           bool isBool
    date_format_lite text isPhpDateFormat max=32
    date_format_full text isPhpDateFormat max=32
""")
CURRENCY = table("""
    names            texts isString
    name             text  isGenericName max=255
    symbol           texts isString
    iso_code         text  isLanguageIsoCode max=3 required
    numeric_iso_code text  isNumericIsoCode
    precision        int   isInt
    conversion_rate  money isUnsignedFloat required
    deleted          bool  isBool
    active           bool  isBool
    unofficial       bool  isBool
    modified         bool  isBool
    pattern          texts isString
""")
COUNTRY = table("""
    id_zone                    int   isUnsignedId required >zones
    id_currency                int   isUnsignedId >currencies
    call_prefix                int   isInt
    iso_code                   text  isLanguageIsoCode max=3 required
    active                     bool  isBool
    contains_states            bool  isBool
    need_identification_number bool  isBool
    need_zip_code              bool  isBool
    zip_code_format            text  isZipCodeFormat
    display_tax_label          bool  isBool
    name                       texts isGenericName max=64 required
""")
CONFIGURATION = table("""
    value         text
    name          text isConfigName max=254 required
    id_shop_group int  isUnsignedId
    id_shop       int  isUnsignedId
    date_add      moment isDate
    date_upd      moment isDate
""")
SHOP = table("""
    id_shop_group int  required
    id_category   int  required
    active        bool isBool
    deleted       bool isBool
    name          text isGenericName max=64 required
    color         text isColor
    theme_name    text isThemeName
""")
ORDER_STATE = table("""
    unremovable  bool isBool
    delivery     bool isBool
    hidden       bool isBool
    send_email   bool isBool
    module_name  text isModuleName
    invoice      bool isBool
    color        text isColor
    logable      bool isBool
    shipped      bool isBool
    paid         bool isBool
    pdf_delivery bool isBool
    pdf_invoice  bool isBool
    deleted      bool isBool
    name         texts isGenericName max=64 required
    template     texts isTplName max=64
""")
ORDER = table("""
    id_address_delivery     int    isUnsignedId required >addresses
    id_address_invoice      int    isUnsignedId required >addresses
    id_cart                 int    isUnsignedId required >carts
    id_currency             int    isUnsignedId required >currencies
    id_lang                 int    isUnsignedId required >languages
    id_customer             int    isUnsignedId required >customers
    id_carrier              int    isUnsignedId required >carriers
    current_state           int    isUnsignedId >order_states
    module                  text   isModuleName required
    invoice_number          int
    invoice_date            moment
    delivery_number         int
    delivery_date           moment
    valid                   bool
    date_add                moment isDate
    date_upd                moment isDate
    shipping_number         text   dynamic
    note                    text
    id_shop_group           int    isUnsignedId
    id_shop                 int    isUnsignedId
    secure_key              text   isMd5
    payment                 text   isGenericName required
    recyclable              bool   isBool
    gift                    bool   isBool
    gift_message            text   isMessage
    mobile_theme            bool   isBool
    total_discounts         money  isPrice
    total_discounts_tax_incl money isPrice
    total_discounts_tax_excl money isPrice
    total_paid              money  isPrice required
    total_paid_tax_incl     money  isPrice
    total_paid_tax_excl     money  isPrice
    total_paid_real         money  isPrice required
    total_products          money  isPrice required
    total_products_wt       money  isPrice required
    total_shipping          money  isPrice
    total_shipping_tax_incl money  isPrice
    total_shipping_tax_excl money  isPrice
    carrier_tax_rate        rate   isFloat
    total_wrapping          money  isPrice
    total_wrapping_tax_incl money  isPrice
    total_wrapping_tax_excl money  isPrice
    round_mode              int    isUnsignedId
    round_type              int    isUnsignedId
    conversion_rate         money  isFloat required
    reference               text
""")
